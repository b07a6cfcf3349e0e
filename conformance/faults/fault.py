"""The types of the catalogue: a fault is a one-line change of the reference, with the words that explain it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from reference.specification import Array

Kind = Literal["fault", "variant", "rewrite"]


@dataclass(frozen=True)
class Replacement:
    """One change of the reference's source.

    place  module and function, as "formulas.sparsity:kl_sparsity_loss" or "models.stacked:StackedAutoencoder.pretrain"; with nothing
           behind the colon, the whole module
    old    a piece of that function which occurs in it exactly once, docstring not counted
    new    what stands there instead
    """

    place: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """A mistake, a legitimate other meaning, or a correct way to write the same.

    id        short and lasting; results and translations refer to it
    specs     the specifications that it touches, the nearest first
    sentence  what is different, in one plain sentence
    hint      where to look, without the answer
    seen      where it was seen
    kind      `fault` is wrong; `variant` is right elsewhere and named in the contract; `rewrite` is right here
    changes   edits of the reference
    wrap      or a change of the finished function or class, for mistakes at the interface
    noise     or the error scale of a form that loses digits: what it returns is not predicted, only how far off it may be
    symptom   or what the harness notices of it, a value of `Symptom`, for mistakes that leave no numbers to compare
    same_as   id of an entry that no input of the domain can tell from this one
    constant  the number in what it writes that others choose differently, as it stands there
    because   why no input of the domain shows it, if none does
    """

    id: str
    specs: tuple[str, ...]
    sentence: str
    hint: str
    seen: str
    kind: Kind = "fault"
    changes: tuple[Replacement, ...] = ()
    wrap: Callable[[Any], Any] | None = None
    noise: Callable[..., Array] | None = None
    symptom: str | None = None
    same_as: str | None = None
    because: str | None = None
    constant: str | None = None
