"""1 − x·y / (‖x‖ ‖y‖)."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.drawing import REDUCTIONS, Rng, array
from tests.reference.mp_samples import samples

_EDGES = (0.0, 1.0, -1.0, 1e-6, 1e4)


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    inputs = {name: array(rng, shape, -2.0, 2.0, _EDGES, at_edges) for name in ("inputs", "others")}
    return {**inputs, "reduction": str(rng.choice(REDUCTIONS))}


def _length(vector: np.ndarray) -> mpf:
    return mp.sqrt(sum(x * x for x in vector))


def _cosine(inputs: np.ndarray, others: np.ndarray) -> mpf:
    lengths = _length(inputs) * _length(others)
    return sum(a * b for a, b in zip(inputs, others, strict=True)) / lengths if lengths else mpf(0)


def _slopes(inputs: np.ndarray, others: np.ndarray) -> dict[str, Any]:
    """−y/(‖x‖ ‖y‖) + cos · x/‖x‖², and the same of the other; 0 where a vector is."""
    x, y, cosine = _length(inputs), _length(others), _cosine(inputs, others)
    if not x * y:
        return {"inputs": 0 * inputs, "others": 0 * others}
    return {"inputs": cosine * inputs / x**2 - others / (x * y), "others": cosine * others / y**2 - inputs / (x * y)}


value, gradient = samples(lambda inputs, others: 1 - _cosine(inputs, others), _slopes, ("inputs", "others"))
