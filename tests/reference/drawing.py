"""Random inputs of formulas, ordinary or at the edges where a formula loses digits, saturates or changes branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

REDUCTIONS = ("mean", "sum", "none")
Rng = np.random.Generator
Draw = Callable[[Rng, tuple[int, int], bool], dict[str, Any]]
# (ordinary low, ordinary high, edges)
Range = tuple[float, float, tuple[float, ...]]

MEANS: Range = (-3.0, 3.0, (0.0, 1e-4, -1e-4, 1e-30, 1e3, -1e3, 1.0))
LOG_VARS: Range = (
    -4.0,
    4.0,
    (0.0, 1e-4, -1e-4, 1e-8, -1e-8, 1e-16, 1e-2, -1e-2, 20.0, -40.0, 80.0, -80.0, 699.0, -699.0, 700.0, -700.0),
)
FEATURES: Range = (-2.0, 2.0, (0.0, 1.0, 1e-4, 1e6, -1e6, 1 + 2.0**-40, 1e-12))
WEIGHTS = (1.0, 0.0, 0.05, 1e-3, 99.0)


def array(rng: Rng, shape: tuple[int, int], low: float, high: float, edges: tuple[float, ...], at_edges: bool) -> np.ndarray:
    ordinary = rng.uniform(low, high, shape)
    if not at_edges:
        return ordinary
    return np.where(rng.random(shape) < 0.85, rng.choice(edges, shape), ordinary)


def arrays(reduced: bool, **ranges: Range) -> Draw:
    def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
        inputs: dict[str, Any] = {name: array(rng, shape, *bounds, at_edges) for name, bounds in ranges.items()}
        if at_edges and set(ranges) == {"inputs", "reconstructions"} and rng.random() < 0.5:
            inputs["reconstructions"] = inputs["inputs"] * (1 + rng.choice([0.0, 2.0**-52, 1e-8], shape))
        return {**inputs, "reduction": str(rng.choice(REDUCTIONS))} if reduced else inputs

    return draw
