"""Which known mistake of a model: searched through the first result that differs.

A model's results depend on each other, so a mistake shows where it stands and in everything behind. Of two mistakes the one that stands
first must alone explain all results up to the first that differs; the other one must first act where the first leaves off. Both are
read off the predictions of single faults, so that few pairs have to be run. Other cases may hold only one of two mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from conformance.diagnosis.description import first_deviating
from conformance.diagnosis.effort import Effort
from conformance.diagnosis.model_predictions import NOWHERE, Faults, Search
from conformance.faults.fault import Fault
from conformance.judging.verdicts import Diagnosis, Evidence
from reference.specification import Quantity, Spec

# After so much effort no further mistake is tried alone, no further pair; what was found until then is said, and that more was not tried.
EFFORT_FOR_SINGLES = 500
EFFORT_FOR_PAIRS = 560
# After this an explanation of so many answers is said without comparing the rest, and that is said too.
EFFORT_FOR_ALL = 600
_ENOUGH = 5
# Failing cases on which the two of a pair are looked for, the smallest first.
_CASES_FOR_PAIRS = 4
# Once one pair is found, this many more may be tried for others that explain the answers as well.
_PAIRS_AFTER_THE_FIRST = 200


@dataclass(frozen=True)
class Explanations:
    """The faults, or pairs of them, that predict the answers; how many faults were not tried, how many answers not compared."""

    found: Sequence[Faults]
    untried: int = 0
    uncompared: int = 0


def explanations(
    faults: Sequence[Fault], spec: Spec, quantity: Quantity, answered: Sequence[Evidence], device: str, effort: Effort
) -> Explanations:
    """Search alone, then in pairs. `answered` begins with the failures, small before large."""
    search = Search(spec, quantity, device, effort=effort)
    known = [fault for fault in faults if fault.changes and fault.because is None]
    if quantity == "training":
        known.sort(key=lambda fault: not search.is_about(fault, answered[0]))
    found: list[Faults] = []
    untried = list(known)
    while untried and not effort.over(EFFORT_FOR_SINGLES):
        fault = untried.pop(0)
        if _explains(search, (fault,), answered):
            found.append((fault,))
    found = found or list(_pairs(search, known, answered))
    return Explanations(found, len(untried), search.uncompared)


def _explains(search: Search, faults: Faults, answered: Sequence[Evidence]) -> bool:
    """Whether the faults predict the answers, and at least one of the wrong ones as a wrong one."""
    seen = False
    for number, one in enumerate(answered):
        if number >= _ENOUGH and search.effort.over(EFFORT_FOR_ALL):
            search.uncompared = max(search.uncompared, len(answered) - number)
            break
        if search.left_at(faults, one) < NOWHERE:
            return False
        seen = seen or (not one.agrees and search.acts_at(faults, one) < NOWHERE)
    return seen


def _pairs(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence]) -> Iterator[Faults]:
    failing = [one for one in answered if not one.agrees][:_CASES_FOR_PAIRS]
    tried: set[frozenset[Fault]] = set()
    found = False
    # The first case has been answered by every mistake alone; on the others that is still to be done. A training run goes from one loop
    # to the next, so that there two mistakes stand in a row oftener than alone.
    ways = (_in_a_row, _alone) if search.quantity == "training" else (_alone, _in_a_row)
    searches = (
        way(search, faults, answered, one)
        for position, one in enumerate(failing)
        for way in ((*ways, _at_once) if position == 0 else ways)
    )
    for first, second in chain.from_iterable(searches):
        if first is not None and second is not None and first != second and frozenset((first, second)) not in tried:
            tried.add(frozenset((first, second)))
            if _explains(search, (first, second), answered):
                found = True
                yield first, second
        if search.effort.over(EFFORT_FOR_PAIRS) or (found and len(tried) > _PAIRS_AFTER_THE_FIRST):
            return


# Each of these searches yields pairs to try, and (None, None) after work that found nothing, so that whoever asks can stop.
_Candidates = Iterator[tuple[Fault | None, Fault | None]]


def _alone(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence) -> _Candidates:
    """A case that one mistake explains holds it alone; the first case that it does not explain shows the other one."""
    for first in faults:
        alone = search.left_at((first,), one) == NOWHERE
        yield None, None
        other = next((o for o in answered if search.left_at((first,), o) < NOWHERE), None) if alone else None
        if other is None:
            continue
        left = search.left_at((first,), other)
        for second in faults:
            yield (first, second) if search.may_act_at(second, other, left) else (None, None)


def _in_a_row(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence) -> _Candidates:
    """One mistake explains where this case first differs, the other acts where that leaves off."""
    differs = search.left_at((), one)
    for first in faults:
        left = search.left_at((first,), one)
        yield None, None
        if differs < left < NOWHERE:
            for second in faults:
                yield (first, second) if search.may_act_at(second, one, left) else (None, None)


def _at_once(search: Search, faults: Sequence[Fault], answered: Sequence[Evidence], one: Evidence) -> _Candidates:
    """Both act where this case first differs."""
    differs = search.left_at((), one)
    acting = [fault for fault in faults if search.may_act_at(fault, one, differs)]
    yield from combinations(acting, 2)


def placed(diagnosis: Diagnosis, answered: Iterable[Evidence]) -> Diagnosis:
    """The diagnosis, after the name of the first result that differs on the smallest failing case."""
    name = next((name for one in answered if not one.agrees and (name := first_deviating(one))), None)
    return (
        diagnosis
        if name is None
        else replace(diagnosis, sentence=f"the first result that differs is `{name}`; {diagnosis.sentence}")
    )
