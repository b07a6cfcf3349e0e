"""How near an answer is to a prediction: the same limit, or nearly the same number."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.respondent.responses import Output
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
