"""Adam: adaptive moments."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reference.specification import Array

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


class AdamState(NamedTuple):
    """Steps taken, first and second moment."""

    steps: int
    m: Array
    v: Array


def adam(parameter: Array, gradient: Array, state: AdamState | None, learning_rate: float) -> tuple[Array, AdamState]:
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η m̂ / (√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    ε = 1e-7 is added after the bias correction. The first state is None.

    Source: lecture notes 004; Kingma & Ba 2015, algorithm 1.
    """
    zero = np.zeros_like(parameter)
    steps, m, v = state or AdamState(0, zero, zero)
    steps += 1
    m = BETA_1 * m + (1 - BETA_1) * gradient
    v = BETA_2 * v + (1 - BETA_2) * gradient * gradient
    m_hat, v_hat = m / (1 - BETA_1**steps), v / (1 - BETA_2**steps)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + EPSILON), AdamState(steps, m, v)
