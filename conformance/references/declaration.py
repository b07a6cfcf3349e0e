"""How a plain NumPy function says that it is a specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from reference.domains import Domain
from reference.specification import KnownAnswer, Law

F = TypeVar("F", bound=Callable[..., Any])
_ATTRIBUTE = "__specification__"


@dataclass(frozen=True)
class Declaration:
    """What its author says of a function; all else is derived.

    equation, source   what it computes, and where that stands
    domains            argument -> where it is defined; every argument has one
    forms              other ways to write it that are right although they lose digits, as the equation read literally
    gradient           whether its gradient is asked for
    laws, known_answers, vjp, error_scale, gradient_scale, comparable, roundings   as in a `Spec`, where they are given
    """

    equation: str
    source: str
    domains: Mapping[str, Domain]
    forms: Sequence[Callable[..., Any]] = ()
    gradient: bool = True
    laws: tuple[Law, ...] = ()
    known_answers: tuple[KnownAnswer, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])


def specification(
    *,
    equation: str,
    source: str,
    domains: Mapping[str, Domain],
    forms: Sequence[Callable[..., Any]] = (),
    gradient: bool = True,
    laws: Sequence[Law] = (),
    known_answers: Sequence[KnownAnswer] = (),
    **given: Any,
) -> Callable[[F], F]:
    """Say that a function is a specification; it stays as it is, and nothing is entered anywhere."""
    declaration = Declaration(equation, source, domains, forms, gradient, tuple(laws), tuple(known_answers), given)

    def attach(function: F) -> F:
        setattr(function, _ATTRIBUTE, declaration)
        return function

    return attach


def declaration_of(function: Any) -> Declaration | None:
    """What was said of it; None if nothing was."""
    declaration = getattr(function, _ATTRIBUTE, None)
    return declaration if isinstance(declaration, Declaration) else None
