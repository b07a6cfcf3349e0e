"""Which known mistake of a model: searched through the first result that differs.

A model's results depend on each other, so a mistake shows where it stands and in everything behind. Of two mistakes the one that stands
first must alone explain all results up to the first that differs; the other one must first act where the first leaves off. Both are
read off the predictions of single faults, so that few pairs have to be run. Other cases may hold only one of two mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from conformance.diagnosis.description import first_deviating
from conformance.diagnosis.model_predictions import NOWHERE, Faults, ModelPredictions
from conformance.faults.fault import Fault
from conformance.judging.verdicts import Diagnosis, Evidence

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

    matches: Sequence[Faults]
    untried: int = 0
    uncompared: int = 0


def explanations(
    faults: Sequence[Fault],
    answered: Sequence[Evidence],
    predictions: ModelPredictions,
    holds_beside: Callable[[Faults], bool] = lambda faults: True,
) -> Explanations:
    """Search alone, then in pairs. `answered` begins with the failures, small before large; other quantities have their say too."""
    quantity, effort = predictions.quantity, predictions.effort
    known = [fault for fault in faults if fault.changes and fault.because is None]
    if quantity == "training":
        known.sort(key=lambda fault: not predictions.is_about(fault, answered[0]))
    matches: list[Faults] = []
    untried = list(known)
    while untried and not effort.over(EFFORT_FOR_SINGLES):
        fault = untried.pop(0)
        if explains(predictions, (fault,), answered) and holds_beside((fault,)):
            matches.append((fault,))
    matches = matches or [pair for pair in _pairs(predictions, known, answered) if holds_beside(pair)]
    return Explanations(matches, len(untried), predictions.uncompared)


def explains(predictions: ModelPredictions, faults: Faults, answered: Sequence[Evidence], enough: float = EFFORT_FOR_ALL) -> bool:
    """Whether the faults predict the answers, and at least one of the wrong ones as a wrong one; after `enough` effort a few will do."""
    wrong_predicted = False
    for number, observation in enumerate(answered):
        if number >= _ENOUGH and predictions.effort.over(enough):
            predictions.uncompared = max(predictions.uncompared, len(answered) - number)
            break
        if predictions.left_at(faults, observation) < NOWHERE:
            return False
        wrong_predicted = wrong_predicted or (not observation.agrees and predictions.acts_at(faults, observation) < NOWHERE)
    return wrong_predicted


def _pairs(predictions: ModelPredictions, faults: Sequence[Fault], answered: Sequence[Evidence]) -> Iterator[Faults]:
    failing = [observation for observation in answered if not observation.agrees][:_CASES_FOR_PAIRS]
    tried: set[frozenset[Fault]] = set()
    pair_known = False
    # The first case has been answered by every mistake alone; on the others that is still to be done. A training run goes from one loop
    # to the next, so that there two mistakes stand in a row oftener than alone.
    ways = (_in_a_row, _alone) if predictions.quantity == "training" else (_alone, _in_a_row)
    searches = (
        way(predictions, faults, answered, observation)
        for position, observation in enumerate(failing)
        for way in ((*ways, _at_once) if position == 0 else ways)
    )
    for first, second in chain.from_iterable(searches):
        if first is not None and second is not None and first != second and frozenset((first, second)) not in tried:
            tried.add(frozenset((first, second)))
            if explains(predictions, (first, second), answered):
                pair_known = True
                yield first, second
        if predictions.effort.over(EFFORT_FOR_PAIRS) or (pair_known and len(tried) > _PAIRS_AFTER_THE_FIRST):
            return


# Each of these searches yields pairs to try, and (None, None) after work that found nothing, so that whoever asks can stop.
_Candidates = Iterator[tuple[Fault | None, Fault | None]]


def _alone(
    predictions: ModelPredictions, faults: Sequence[Fault], answered: Sequence[Evidence], observation: Evidence
) -> _Candidates:
    """A case that one mistake explains holds it alone; the first case that it does not explain shows the other one."""
    for first in faults:
        alone = predictions.left_at((first,), observation) == NOWHERE
        yield None, None
        other = next((o for o in answered if predictions.left_at((first,), o) < NOWHERE), None) if alone else None
        if other is None:
            continue
        left = predictions.left_at((first,), other)
        for second in faults:
            yield (first, second) if predictions.may_act_at(second, other, left) else (None, None)


def _in_a_row(
    predictions: ModelPredictions, faults: Sequence[Fault], answered: Sequence[Evidence], observation: Evidence
) -> _Candidates:
    """One mistake explains where this case first differs, the other acts where that leaves off."""
    differs = predictions.left_at((), observation)
    for first in faults:
        left = predictions.left_at((first,), observation)
        yield None, None
        if differs < left < NOWHERE:
            for second in faults:
                yield (first, second) if predictions.may_act_at(second, observation, left) else (None, None)


def _at_once(
    predictions: ModelPredictions, faults: Sequence[Fault], answered: Sequence[Evidence], observation: Evidence
) -> _Candidates:
    """Both act where this case first differs."""
    differs = predictions.left_at((), observation)
    acting = [fault for fault in faults if predictions.may_act_at(fault, observation, differs)]
    yield from combinations(acting, 2)


def placed(diagnosis: Diagnosis, answered: Iterable[Evidence]) -> Diagnosis:
    """The diagnosis, after the name of the first result that differs on the smallest failing case."""
    name = next((name for observation in answered if not observation.agrees and (name := first_deviating(observation))), None)
    return (
        diagnosis
        if name is None
        else replace(diagnosis, sentence=f"the first result that differs is `{name}`; {diagnosis.sentence}")
    )
