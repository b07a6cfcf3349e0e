"""Which two mistakes to try first, when no single one explains the answers.

There are thousands of pairs and a changed reference costs milliseconds, so the pairs are ranked by what each mistake predicts alone. Most
pairs either take turns (on every case one of the two does not matter), or their effects are added, or multiplied. Whether a pair really
explains the answers is decided by running it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from conformance.faults.fault import Fault
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import Evidence
from conformance.respondent.responses import Output, Returned
from reference.specification import Array

# Wrong answers to rank by: few are enough to tell most pairs apart.
_CASES = 8
Predicted = Callable[[Fault, Evidence], Mapping[str, Any] | None]


def ranked(faults: Sequence[Fault], evidence: Sequence[Evidence], predicted: Predicted) -> list[tuple[Fault, Fault]]:
    """Pairs of the faults that matter to the wrong answers, likely ones first."""
    failed = [observation for observation in evidence if not observation.agrees]
    chosen = failed[:: max(1, len(failed) // _CASES)][:_CASES]
    distances = np.mean([_distances(faults, observation, predicted) for observation in chosen], axis=0)
    pairs = sorted(combinations(range(len(faults)), 2), key=lambda pair: distances[pair])
    return [(faults[i], faults[j]) for i, j in pairs]


@np.errstate(all="ignore")
def _distances(faults: Sequence[Fault], observation: Evidence, predicted: Predicted) -> Array:
    """For every two faults how far an answer is from what they may predict together: 0 is explained, 1 is not at all."""
    alone = [predicted(fault, observation) for fault in faults]
    outputs = observation.response.outputs if isinstance(observation.response, Returned) else {}
    parts = [_of_result(name, right, outputs.get(name), alone) for name, right in observation.expected.items()]
    return np.mean(parts, axis=0) if parts else np.ones((len(faults),) * 2)


def _of_result(name: str, right: Any, output: Any, alone: Sequence[Mapping[str, Any] | None]) -> Array:
    predictions = [None if prediction is None else prediction.get(name) for prediction in alone]
    if not (isinstance(right, Expected) and isinstance(output, Output)):
        wrong = np.array([0.0 if prediction == output else 1.0 for prediction in predictions])
        return np.minimum.outer(wrong, wrong)
    actual, expected = output.array.astype(np.float64), right.value.astype(np.float64)
    shapes = np.array([prediction is not None and np.shape(prediction) == actual.shape for prediction in predictions])
    if actual.shape != expected.shape:
        # One of the two gives the shape; which is the other, the numbers of another shape do not say.
        return np.where(np.logical_or.outer(shapes, shapes), 0.5, 1.0)
    rows = np.array(
        [
            np.asarray(prediction, np.float64).ravel() if fits else expected.ravel()
            for prediction, fits in zip(predictions, shapes, strict=True)
        ]
    )
    actual, expected = actual.ravel(), expected.ravel()
    single = _apart(rows, actual)
    added = _apart(rows[:, None] + rows[None] - expected, actual)
    multiplied = _apart(rows[:, None] * (rows[None] / expected), actual)
    return np.minimum(np.minimum.outer(single, single), np.minimum(added, multiplied))


def _apart(guess: Array, actual: Array) -> Array:
    """Mean relative distance, at most 1 an element."""
    distance = np.abs(guess - actual) / (np.abs(guess) + np.abs(actual))
    distance = np.where(guess == actual, 0.0, np.where(np.isnan(guess) & np.isnan(actual), 0.0, distance))
    return np.where(np.isnan(distance), 1.0, distance).mean(axis=-1) if distance.shape[-1] else np.zeros(distance.shape[:-1])
