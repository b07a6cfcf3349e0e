"""λ₁ Σ|w| + λ₂ Σw²."""

from __future__ import annotations

from typing import Any

from tests.reference.drawing import FEATURES, WEIGHTS, Rng, array
from tests.reference.mp_samples import of_all_elements, sign


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    return {"weights": array(rng, shape, *FEATURES, at_edges), "l1": float(rng.choice(WEIGHTS)), "l2": float(rng.choice(WEIGHTS))}


value, gradient = of_all_elements(lambda w, l1, l2: l1 * abs(w) + l2 * w**2, lambda w, l1, l2: l1 * sign(w) + 2 * l2 * w, "weights")
