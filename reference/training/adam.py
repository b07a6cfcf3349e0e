"""Adam: adaptive moments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reference.specification import Array

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def adam(
    parameter: Array, gradient: Array, state: Mapping[str, Array] | None, learning_rate: float
) -> tuple[Array, Mapping[str, Array]]:
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η m̂ / (√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    ε = 1e-7 is added after the bias correction. The state holds `m`, `v` and the number of `steps` taken.

    Source: lecture notes 004; Kingma & Ba 2015, algorithm 1.
    """
    zero = np.zeros_like(parameter)
    state = state or {"m": zero, "v": zero, "steps": np.zeros(())}
    steps = state["steps"] + 1
    m = BETA_1 * state["m"] + (1 - BETA_1) * gradient
    v = BETA_2 * state["v"] + (1 - BETA_2) * gradient * gradient
    m_hat, v_hat = m / (1 - BETA_1**steps), v / (1 - BETA_2**steps)
    return parameter - learning_rate * m_hat / (np.sqrt(v_hat) + EPSILON), {"m": m, "v": v, "steps": steps}
