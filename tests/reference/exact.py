"""The exact value and gradient of every formula that has an oracle, and how far a number is from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.mp_arrays import DIGITS
from tests.reference.oracles import ORACLES

MOST_DIGITS = DIGITS + 350  # e^800 ≈ 1e347: what ln(1 + e^z) − t·z needs


def value_of(name: str, inputs: dict[str, Any]) -> np.ndarray:
    """The exact value, an object array of mpf."""
    with mp.workdps(DIGITS):
        return np.asarray(ORACLES[name].value(**inputs), dtype=object)


def gradient_of(name: str, cotangent: np.ndarray, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
    """The exact cotangent of every array input, object arrays of mpf."""
    with mp.workdps(DIGITS):
        return ORACLES[name].gradient(cotangent, **inputs)


def distance(actual: Any, exact: np.ndarray) -> np.ndarray:
    """|actual − exact| as float64, infinite where `actual` is not finite."""
    actual = np.asarray(actual, dtype=np.float64)
    if actual.shape != exact.shape:
        raise AssertionError(f"expected shape {exact.shape}, got {actual.shape}")

    def of_one(a, e):
        with mp.workdps(MOST_DIGITS):
            return float(abs(mpf(float(a)) - e)) if np.isfinite(a) else np.inf

    return np.frompyfunc(of_one, 2, 1)(actual, exact).astype(np.float64) if actual.shape else np.float64(of_one(actual, exact[()]))
