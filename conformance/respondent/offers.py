"""What foreign code offers: a name, what it is, and which parameters it takes. Nothing is called for it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["function", "class", "value"]


@dataclass(frozen=True)
class Parameter:
    """A parameter of something offered: `kind` is Python's name for it, such as POSITIONAL_OR_KEYWORD."""

    name: str
    kind: str
    has_default: bool


@dataclass(frozen=True)
class Offered:
    """A name in foreign code: function, class or value, and its parameters if Python knows them."""

    kind: str
    parameters: tuple[Parameter, ...] | None


def kind_of_value(value: Any) -> Kind:
    """What something is, for whoever wants to call it."""
    return "class" if isinstance(value, type) else "function" if callable(value) else "value"


def parameters_of(value: Any) -> list[list[Any]] | None:
    """Name, kind and whether there is a default, of every parameter; None if Python cannot say."""
    try:
        parameters = inspect.signature(value).parameters.values()
        return [[p.name, p.kind.name, p.default is not inspect.Parameter.empty] for p in parameters]
    except Exception:  # a foreign __signature__ may do anything
        return None


def offered(value: Any) -> Offered:
    """What something is and takes."""
    kind = kind_of_value(value)
    parameters = parameters_of(value) if kind != "value" else None
    return Offered(kind, None if parameters is None else tuple(Parameter(*each) for each in parameters))
