"""What is not asked of a plain model: the judge's side of `conformance.respondent.plain_models`.

Whether a target may leave something out is decided here, by specification, and by nothing that it says of itself: only what offers
`build_<model>` and no class of the name may. Such a target either names exactly what a plain model can show, or is held to every name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.cases.case import Case
from conformance.judging.expectation import Expectation
from reference.specification import Quantity

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Allowance:
    """`shown` are all activations that a plain model has; `greedy` says that training includes layer-wise pretraining, which it cannot do.

    Cases with one of the `unable` options are not asked.
    """

    shown: tuple[str, ...]
    greedy: bool = False
    unable: tuple[tuple[str, object], ...] = ()

    def leaves_out(self, quantity: Quantity, name: str) -> bool:
        """Whether a plain model cannot give the named result."""
        if quantity == "activations":
            return name.removeprefix("inference/") not in self.shown
        return quantity == "training" and self.greedy and name.startswith("greedy/")


ALLOWANCES: Mapping[str, Allowance] = {
    "StackedAutoencoder": Allowance(("reconstruction",), greedy=True, unable=(("tied", True),)),
    "SparseAutoencoder": Allowance(("reconstruction",)),
    "LinearAutoencoder": Allowance(("reconstruction",)),
    "PretrainedClassifier": Allowance(("probabilities",)),
    "CharClassifier": Allowance(("probability",)),
}


def asked_of(allowance: Allowance | None, quantity: Quantity, expected: Expectation, names: Iterable[str]) -> Expectation:
    """What the answer is held to: everything, unless it has exactly the names that a plain model can give."""
    if allowance is None:
        return expected
    shown = {name: one for name, one in expected.items() if not allowance.leaves_out(quantity, name)}
    return shown if shown.keys() == set(names) else expected


def able(allowance: Allowance | None, case: Case) -> bool:
    """Whether a plain model can be asked the case."""
    if allowance is None:
        return True
    return not any(case.model.configuration.get(option) == value for option, value in allowance.unable)


def able_first(allowance: Allowance | None, drawn: Iterable[Case], count: int) -> Iterator[Case]:
    """The cases that a plain model can be asked, at most so many of those that are drawn; real and known cases are not counted."""
    left = count
    for case in drawn:
        if able(allowance, case):
            yield case
            left -= case.drawn
            if left == 0:
                return  # before the next is drawn, which takes time


def askable(allowance: Allowance | None, prepared: Sequence[tuple[Case, _Item]]) -> Sequence[tuple[Case, _Item]]:
    """The cases that a plain model can be asked; all, if there is none, so that it is not passed for having been asked nothing."""
    return [one for one in prepared if able(allowance, one[0])] or prepared
