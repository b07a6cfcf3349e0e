"""−Σ α_t (1 − p_t)^γ ln p_t."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.drawing import REDUCTIONS, Rng, array
from tests.reference.mp_samples import samples, sigmoid


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    return {
        "targets": rng.integers(0, 2, shape).astype(np.float64),
        "logits": array(rng, shape, -4.0, 4.0, (0.0, 1e-4, -1e-4, 20.0, -20.0, 40.0, -40.0, 90.0, -90.0), at_edges),
        "gamma": float(rng.choice((0.0, 0.5, 1.0, 2.0, 5.0))),
        "alpha": float(rng.choice((0.25, 0.5, 0.9))),
        "reduction": str(rng.choice(REDUCTIONS)),
    }


def _loss(targets: np.ndarray, logits: np.ndarray, gamma: mpf, alpha: mpf) -> mpf:
    total = mpf(0)
    for t, z in zip(targets, logits, strict=True):
        p = sigmoid(z)
        right, weight = (p, alpha) if t == 1 else (1 - p, 1 - alpha)
        total -= weight * (1 - right) ** gamma * mp.log(right)
    return total


def _slopes(targets: np.ndarray, logits: np.ndarray, gamma: mpf, alpha: mpf) -> dict[str, list[mpf]]:
    """By z, with dp/dz = p (1 − p): of (1 − p)^γ, and of ln p."""
    slopes = []
    for t, z in zip(targets, logits, strict=True):
        sign, weight = (1, alpha) if t == 1 else (-1, 1 - alpha)
        p = sigmoid(sign * z)
        slopes.append(sign * weight * (gamma * (1 - p) ** gamma * p * mp.log(p) - (1 - p) ** gamma * (1 - p)))
    return {"logits": slopes}


value, gradient = samples(_loss, _slopes, ("targets", "logits"))
