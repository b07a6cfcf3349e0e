"""λ Σ|w|."""

from __future__ import annotations

from typing import Any

from tests.reference.drawing import FEATURES, WEIGHTS, Rng, array
from tests.reference.mp_samples import of_all_elements, sign


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    return {"weights": array(rng, shape, *FEATURES, at_edges), "strength": float(rng.choice(WEIGHTS))}


value, gradient = of_all_elements(lambda w, strength: strength * abs(w), lambda w, strength: strength * sign(w), "weights")
