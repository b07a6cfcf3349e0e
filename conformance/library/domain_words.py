"""Domains in words: which inputs there are, and where they are delicate."""

from __future__ import annotations

from typing import Any

from reference.domains import Bits, Choice, Domain, Ids, Length, Number, Reals, Sequences, Texts, Whole, Widths


def domain_words(domain: Domain) -> str:
    """One sentence without a full stop."""
    match domain:
        case Reals():
            near = f"; now and then hardly different from `{domain.near}`" if domain.near else ""
            data = "; data, of which nobody asks a gradient" if domain.data else ""
            low, high = domain.typical
            return (
                f"real, {_shape(domain.axes)}, from {_number(domain.low)} to {_number(domain.high)}, mostly from {_number(low)} to "
                f"{_number(high)}{_delicate(domain.edges)}{near}{data}"
            )
        case Ids():
            return f"whole numbers from 0 to {domain.count - 1}, {_shape(domain.axes)}"
        case Bits():
            return f"zeros and ones, {_shape(domain.axes)}"
        case Number():
            ends = f"between {_number(domain.low)} and {_number(domain.high)}"
            return f"a number {ends}, {_number(domain.default)} by default{_delicate(domain.edges)}"
        case Whole():
            none = ", or None" if domain.optional else ""
            return f"a whole number from {domain.low} to {domain.high}{none}{_delicate(domain.edges, 'right, and easy to get wrong, at')}"
        case Length():
            return f"a length of at least {domain.least}, drawn up to {domain.most}"
        case Choice():
            return f"one of {', '.join(map(repr, dict.fromkeys(domain.options)))}"
        case Texts():
            return f"a list of {domain.least} to {domain.most} texts, over alphabets that are easy to get wrong"
        case Sequences():
            return f"lists of whole numbers from {domain.low} to {domain.high}, of unequal lengths, some of them empty"
        case Widths():
            return f"{domain.least} to {domain.most} widths of layers, drawn up to {domain.widest}"


def _shape(axes: tuple[str | int, ...]) -> str:
    return f"({', '.join(map(str, axes))}{',' * (len(axes) == 1)})" if axes else "a scalar"


def _delicate(edges: tuple[Any, ...], words: str = "delicate at") -> str:
    return f"; {words} {', '.join(f'`{edge}`' if isinstance(edge, str) else _number(edge) for edge in edges)}" if edges else ""


def _number(number: float) -> str:
    return f"{number:g}".replace("-", "−")
