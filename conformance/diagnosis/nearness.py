"""How near an answer is to a prediction, or to what is right: the same limit, nearly the same number, a few budgets away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from conformance.judging.expectation import Expected
from conformance.judging.verdicts import Evidence
from conformance.respondent.responses import Output
from conformance.tolerance import EXPLANATION_ROOM
from reference.specification import Array

# Answers that differ from a prediction by no more than this, relatively, may differ by rounding that the prediction amplifies.
_NEAR = 0.25


def same_limit(value: Any, answer: Any) -> Array:
    """Where both are the same infinity, or both NaN."""
    value = np.asarray(value)
    if np.shape(answer) != value.shape or np.asarray(answer).dtype.kind != "f":
        return np.zeros(value.shape, dtype=bool)
    return (np.isinf(value) & (value == answer)) | (np.isnan(value) & np.isnan(answer))


def near(value: Any, output: Any) -> bool:
    """Whether an answer is so near to a prediction that rounding may be all that lies between."""
    value = np.asarray(value)
    if not isinstance(output, Output) or output.array.shape != value.shape or value.dtype.kind != "f":
        return False
    return bool(np.all(np.abs(output.array - value) <= _NEAR * (np.abs(output.array) + np.abs(value))))


def few_budgets(failed: Sequence[Evidence]) -> float | None:
    """By how many budgets the wrong answers are off at most, where these are few; else None.

    What a mistake predicts is recognised with room, since it may be written in less stable ways. By the same measure an answer within
    that room of what is right is what is right, less stably computed. Whole numbers are not computed more or less stably.
    """
    most = max((observation.comparison.budget_used for observation in failed), default=np.inf)
    rounded = all(
        not isinstance(right, Expected) or right.value.dtype.kind == "f"
        for observation in failed
        for right in observation.expected.values()
    )
    return most if rounded and most <= EXPLANATION_ROOM else None
