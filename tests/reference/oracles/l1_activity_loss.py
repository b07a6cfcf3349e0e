"""weight · Σ|a| / B."""

from __future__ import annotations

from typing import Any

from tests.reference.drawing import WEIGHTS, Range, Rng, array
from tests.reference.mp_arrays import columns

_ACTIVITIES: Range = (-2.0, 2.0, (0.0, -0.0, 1e-30, -1e-30, 1e6, -1e6, 1.0))


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    weight = float(rng.choice(WEIGHTS) if at_edges else rng.uniform(0.01, 2))
    return {"activations": array(rng, shape, *_ACTIVITIES, at_edges), "weight": weight}


def _term(column):
    return sum(abs(a) for a in column) / len(column)


value, gradient = columns(_term)
