"""What is not asked of a plain model, or of a class that has fewer methods: the judge's side of `conformance.respondent.plain_models`.

A class lacks whole methods or none, and each that it lacks is counted and shown.

Whether a plain model may leave something out is decided by the specification, and by nothing that the target says of itself: only what
offers `build_<model>` and no class of the name may. Such a target either names exactly what a plain model can show, or is held to every
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from conformance.cases.case import Case
from conformance.judging.expectation import Expectation
from conformance.respondent.class_results import GREEDY, RELOADED
from reference.specification import Quantity, StandIn

_Item = TypeVar("_Item")
# By the beginning of the names of its results, where that is not its own name.
_METHODS = {RELOADED: "load_weights", GREEDY: "pretrain"}


def asked_of(stand_in: StandIn | None, quantity: Quantity, expected: Expectation, names: Iterable[str]) -> Expectation:
    """What the answer is held to: everything, unless it has exactly the names that a plain model can give."""
    if quantity == "activations":
        expected = _offered(expected, names)
    if quantity == "training" and not any(name.startswith(GREEDY) for name in names):
        expected = {name: result for name, result in expected.items() if not name.startswith(GREEDY)}
    if stand_in is None:
        return expected
    shown = {name: result for name, result in expected.items() if not _leaves_out(stand_in, quantity, name)}
    return shown if shown.keys() == set(names) else expected


def _offered(expected: Expectation, names: Iterable[str]) -> Expectation:
    """Without the methods of which nothing is named: a class that has none is asked for none, nor for files that it cannot write."""
    present = {name.partition("/")[0] for name in names}
    return {name: result for name, result in expected.items() if "/" not in name or name.partition("/")[0] in present}


def methods_left_out(expected: Expectation, asked: Expectation) -> set[str]:
    """The methods that a class has not, as one calls them."""
    methods = {name.partition("/")[0] for name in expected.keys() - asked.keys()}
    return {_METHODS.get(f"{method}/", method) for method in methods}


def _leaves_out(stand_in: StandIn, quantity: Quantity, name: str) -> bool:
    """Whether a plain model cannot give the named result."""
    if quantity == "activations":
        result = name.removeprefix("inference/")
        return "/" not in result and result != stand_in.shown
    return quantity == "training" and name.startswith(stand_in.left_out)


def able(stand_in: StandIn | None, case: Case) -> bool:
    """Whether a plain model can be asked the case."""
    if stand_in is None:
        return True
    # A builder is told what to build.
    return not case.by_default and not any(case.model.configuration.get(option) == value for option, value, _ in stand_in.unable)


def able_first(stand_in: StandIn | None, drawn: Iterable[Case], count: int) -> Iterator[Case]:
    """The cases that a plain model can be asked, at most so many of those that are drawn; real and known cases are not counted."""
    left = count
    for case in drawn:
        if able(stand_in, case):
            yield case
            left -= case.drawn
            if left == 0:
                return  # before the next is drawn, which takes time


def askable(stand_in: StandIn | None, prepared: Sequence[tuple[Case, _Item]]) -> Sequence[tuple[Case, _Item]]:
    """The cases that a plain model can be asked; all, if there is none, so that it is not passed for having been asked nothing."""
    return [pair for pair in prepared if able(stand_in, pair[0])] or prepared
