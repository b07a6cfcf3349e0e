"""What of its options a target offers, as its signature says: one that it does not take is left at its default, or not asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from conformance.respondent.responses import NotSupported

# What a class may take besides its configuration: how it is made, and not what it computes.
OF_ANY_CLASS = frozenset({"seed", "dtype", "device", "name", "trainable"})


def taken(offered: Callable[..., Any], name: str, arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without options that are not offered.

    Who takes a name that nobody gives has called an option something else: nothing is left out for it, and the call says so.

    Raises:
        NotSupported: an option that is not offered stands off its default.
    """
    try:
        parameters = inspect.signature(offered).parameters
    except (TypeError, ValueError):
        return dict(arguments)
    takes_all = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    if takes_all or parameters.keys() - arguments.keys() - defaults.keys() - OF_ANY_CLASS:
        return dict(arguments)
    lacking = [option for option in defaults if option in arguments and option not in parameters]
    for option in lacking:
        if not same(arguments[option], defaults[option]):
            raise NotSupported(f"{name} takes no {option!r}", option)
    return {argument: value for argument, value in arguments.items() if argument not in lacking}


def refuse_without_defaults(offered: Callable[..., Any], name: str, defaults: Mapping[str, Any]) -> None:
    """Raises NotSupported if what is built of nothing has to be told something."""
    try:
        parameters = inspect.signature(offered).parameters
    except (TypeError, ValueError):
        return
    for option, parameter in parameters.items():
        if option in defaults and parameter.default is inspect.Parameter.empty:
            raise NotSupported(f"{name} has no default for {option!r}", option)


def same(value: Any, default: Any) -> bool:
    """Whether an option stands at its default; a list of sizes is as good as a tuple."""
    return (list(value) if isinstance(value, tuple) else value) == (list(default) if isinstance(default, tuple) else default)
