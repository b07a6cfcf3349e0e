"""weight · Σ over units of KL(p ‖ p̂), p̂ the clipped batch mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.drawing import WEIGHTS, Rng
from tests.reference.mp_arrays import columns

_TARGETS = (0.1, 0.05, 0.5, 0.9, 0.01, 1e-6, 1 - 1e-6)
_EPSILONS = (1e-7, 1e-7, 1e-7, 1e-3, 1e-12)


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    target = float(rng.choice(_TARGETS) if at_edges else rng.uniform(0.01, 0.99))
    epsilon, weight = float(rng.choice(_EPSILONS)), float(rng.choice(WEIGHTS) if at_edges else rng.uniform(0.01, 2))
    return {"activations": _codings(rng, shape, target, epsilon, at_edges), "target": target, "weight": weight, "epsilon": epsilon}


def _codings(rng: Rng, shape: tuple[int, int], target: float, epsilon: float, at_edges: bool) -> np.ndarray:
    """Activations whose batch means lie near 0, 1, the ends of the clip, or the target."""
    if not at_edges:
        return rng.random(shape)
    near = [0.0, 1e-300, 1e-9, 1e-4, epsilon, 1.0, 1 - 2.0**-53, 1 - 1e-4, 1 - epsilon, target]
    centre = rng.choice(near, shape[1]) * (1 + rng.choice([0.0, 2.0**-52, -(2.0**-52), 1e-8, -1e-8, 1e-3, -1e-3], shape[1]))
    # Rows that differ and still have the wanted mean, up to rounding: pairs are moved against each other.
    room = np.minimum(centre, 1 - centre) * rng.choice([0.0, 1.0], shape[1]) * rng.random(shape[1])
    signs = np.array([(-1.0) ** i if i + 1 < shape[0] or shape[0] % 2 == 0 else 0.0 for i in range(shape[0])])
    return np.clip(centre + signs[:, None] * room, 0.0, 1.0)


def _bernoulli_divergence(p: mpf, q: mpf) -> mpf:
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


def _clip(mean: mpf, epsilon: float) -> mpf:
    return min(max(mean, mpf(epsilon)), 1 - mpf(epsilon))


def _term(column, target, epsilon=1e-7):
    return _bernoulli_divergence(mpf(target), _clip(sum(column) / len(column), epsilon))


value, gradient = columns(_term)
