"""Which inputs a formula or a model is defined for, and where it is delicate.

A domain does not draw anything: drawing is the business of whoever verifies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reals:
    """A real array. An axis is a name (its extent is drawn) or a number (its extent is fixed).

    `typical` bounds ordinary values; `low` and `high` bound all of them. `edges` are values near which formulas lose digits,
    overflow or change branch; an edge may be the name of a scalar input. `near` names an array of the same shape that stands before
    this one, and from which it may differ so little that the difference loses digits. `data` is given, neither trained nor predicted (a
    target, a label, noise): nobody asks for the gradient by it.
    """

    axes: tuple[str | int, ...]
    low: float
    high: float
    typical: tuple[float, float]
    edges: tuple[float | str, ...] = ()
    near: str | None = None
    data: bool = False


@dataclass(frozen=True)
class Ids:
    """An array of whole numbers from 0 to `count` − 1."""

    axes: tuple[str | int, ...]
    count: int


@dataclass(frozen=True)
class Bits:
    """A real array of zeros and ones: a mask, or binary labels."""

    axes: tuple[str | int, ...]


@dataclass(frozen=True)
class Number:
    """A Python float in the open interval (low, high), or [low, high) where `low` is an edge."""

    low: float
    high: float
    default: float
    edges: tuple[float, ...] = ()


@dataclass(frozen=True)
class Whole:
    """A Python int in [low, high], or None where `optional`. `edges` are ints outside that are right too, and easy to get wrong."""

    low: int
    high: int
    optional: bool = False
    edges: tuple[int, ...] = ()


@dataclass(frozen=True)
class Length:
    """How long an axis of a model's parameters is, at least `least`: drawn up to `most`; sometimes equal to another, sometimes far longer."""

    least: int
    most: int


@dataclass(frozen=True)
class Choice:
    """One of a few values; the first is the plainest."""

    options: tuple[Any, ...]


@dataclass(frozen=True)
class Texts:
    """A list of `least` to `most` texts over alphabets that are easy to get wrong."""

    least: int = 1
    most: int = 5


@dataclass(frozen=True)
class Sequences:
    """A list of lists of integers in [low, high], of unequal lengths, some of them empty."""

    low: int
    high: int


@dataclass(frozen=True)
class Widths:
    """A tuple of `least` to `most` layer widths, each in [1, widest] and no two neighbours equal, unless one is to be long or two equal."""

    least: int
    most: int
    widest: int = 9


Domain = Reals | Ids | Bits | Number | Whole | Length | Choice | Texts | Sequences | Widths
