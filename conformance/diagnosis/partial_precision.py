"""Whether a number or a part of a computation is in float32 where float64 was asked for.

A part that is computed in float32 is off by the same roundings in every library, so that the last digits of float64 are hit where the
right part is taken: by chance that happens once in 10⁸. Functions such as exp differ now and then, so not every number has to be hit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.diagnosis.effort import Effort
from conformance.diagnosis.formula_search import FormulaSearch
from conformance.faults.fault import Fault
from conformance.faults.rounded import NARROWER, parts_in_single_precision, rounded_arguments, rounded_numbers
from conformance.faults.templates import hint_of, id_of, sentence_of
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import CatalogueMatch, Diagnosis, Evidence
from conformance.respondent.responses import Output, Returned
from conformance.tolerance import EXPLANATION_ROOM, LARGEST, UNIT_ROUNDOFF, explained_error
from reference.specification import Array, Spec

_ASKED = "float64"
_RATIO = UNIT_ROUNDOFF[NARROWER] / UNIT_ROUNDOFF[_ASKED]
_EFFORT = 800
# Numbers that are hit by chance are fewer.
_FEWEST_HITS = 5
_SHARE_OF_HITS = 0.1
# Roundings of float32 are seen nearly everywhere, use this much of its budget, and are as often upwards as downwards.
_SHARE_OF_WRONG = 0.3
_USED = 2.0**-7
_SHARE_OF_A_SIDE = 0.2
Pair = tuple[Array, Expected]


def rounded_parts(search: FormulaSearch) -> list[Fault]:
    """The number, or else the part, whose roundings are in the answers; none where an answer is farther off than float32 makes it."""
    if search.target.dtype != _ASKED or search.quantity != "value" or not _is_near(search.answered):
        return []
    numbers = [*rounded_arguments(search.spec), *rounded_numbers(search.spec.name)]
    exact = list({fault.id: fault for fault in numbers if search.explains((fault,))}.values())
    if exact:
        return exact[:1]
    most, hits = search.effort.spent + _EFFORT, dict[Fault, int]()
    for fault in [*rounded_arguments(search.spec), *parts_in_single_precision(search.spec.name)]:
        if not search.effort.over(most):
            hits[fault] = _hits(search, fault)
    best = max(hits, key=lambda fault: hits[fault], default=None)
    return [best] if best is not None and hits[best] >= _FEWEST_HITS else []


def _hits(search: FormulaSearch, fault: Fault) -> int:
    """How many numbers that the roundings change are as predicted; 0 where too few are, or one is where no rounding of float32 leads."""
    hits = telling = 0
    for observation in search.answered:
        prediction = search.alone(fault, observation)
        for name, (actual, right) in _pairs(observation).items():
            predicted = np.asarray((prediction or {}).get(name, np.nan), dtype=np.float64)
            if predicted.shape != actual.shape:
                return 0
            with np.errstate(all="ignore"):
                distance, room = np.abs(actual - predicted), explained_error(right.widest, predicted, _ASKED)
                if np.any(np.isfinite(predicted) & (distance > _RATIO * right.widest)):
                    return 0
                changed = np.abs(predicted - right.value) > EXPLANATION_ROOM * room
            telling += int(changed.sum())
            hits += int((changed & (distance <= room)).sum())
    return hits if hits >= _SHARE_OF_HITS * telling else 0


def partly_narrower(spec: Spec, dtype: str, evidence: Sequence[Evidence], effort: Effort) -> Diagnosis | None:
    """That something is in float32, where the answers are as exact as that and their errors look like its roundings."""
    wrong = [observation for observation in evidence if not observation.agrees]
    if dtype != _ASKED or not _is_near(evidence) or len(wrong) < _SHARE_OF_WRONG * len(evidence):
        return None
    effort.spend()
    used, errors = [], []
    for observation in wrong:
        for actual, right in list(_pairs(observation).values())[:1]:
            with np.errstate(all="ignore"):
                used.append(float(np.nanmax(np.abs(actual - right.value) / (_RATIO * right.widest), initial=0.0)))
                error = np.abs(actual) - np.abs(right.value)
            errors.append(error[np.abs(error) > right.widest])
    every = np.concatenate([np.ravel(error) for error in errors]) if errors else np.zeros(0)
    sides = min(int((every > 0).sum()), int((every < 0).sum()))
    if not used or np.median(used) < _USED or sides < max(_FEWEST_HITS, _SHARE_OF_A_SIDE * every.size):
        return None
    id, count = id_of("partly_in", NARROWER), len(wrong)
    sentence = sentence_of(id, "en") or ""
    words = f"no known mistake, but this: {sentence.rstrip('.')}; {int((every > 0).sum())} numbers are a little too large and "
    match = CatalogueMatch((id,), (sentence,), (hint_of(id, "en") or "",))
    return Diagnosis(
        f"{words}{int((every < 0).sum())} too small ({count} of {len(evidence)} answers are wrong)", (match,), 0, len(evidence)
    )


def _is_near(evidence: Sequence[Evidence]) -> bool:
    """Whether every answer is one that float32 may give; of a model, its first result that differs."""
    return all(_fits(actual, right) for observation in evidence for actual, right in _first_wrong(observation))


def _first_wrong(observation: Evidence) -> Iterator[Pair]:
    pairs = list(_pairs(observation).values())
    if not pairs and not observation.agrees:
        yield np.asarray(np.nan), Expected(np.zeros(()), np.zeros(()), _ASKED)
    for actual, right in pairs:
        if actual.shape != right.value.shape or not np.all(np.abs(actual - right.value) <= right.widest):
            yield actual, right
            return


@np.errstate(all="ignore")
def _fits(actual: Array, right: Expected) -> bool:
    if actual.shape != right.value.shape:
        return False
    beyond = np.abs(right.value) + _RATIO * right.widest > LARGEST[NARROWER]
    return bool(np.all((np.abs(actual - right.value) <= _RATIO * right.widest) | (beyond & ~np.isfinite(actual))))


def _pairs(observation: Evidence) -> Mapping[str, Pair]:
    outputs: Mapping[str, Any] = observation.response.outputs if isinstance(observation.response, Returned) else {}
    return {
        name: (output.array.astype(np.float64), right)
        for name, right in observation.expected.items()
        if isinstance(right, Expected) and isinstance(output := outputs.get(name), Output) and output.array.dtype.kind == "f"
    }
