"""max(0, ‖a − p‖ − ‖a − n‖ + m)."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.drawing import REDUCTIONS, Range, Rng, array
from tests.reference.mp_samples import samples

_POINTS: Range = (-2.0, 2.0, (0.0, 1.0, -1.0, 1e-6, 1e3))


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    points = {name: array(rng, shape, *_POINTS, at_edges) for name in ("anchors", "positives", "negatives")}
    return {**points, "margin": float(rng.choice((1.0, 0.2, 3.0))), "reduction": str(rng.choice(REDUCTIONS))}


def _distance(first: np.ndarray, second: np.ndarray) -> mpf:
    return mp.sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def _loss(anchors: np.ndarray, positives: np.ndarray, negatives: np.ndarray, margin: mpf) -> mpf:
    return max(mpf(0), _distance(anchors, positives) - _distance(anchors, negatives) + margin)


def _slopes(anchors: np.ndarray, positives: np.ndarray, negatives: np.ndarray, margin: mpf) -> dict[str, Any]:
    """Along the two directions from the others to the anchor; nothing where the loss is cut off, or where there is no direction."""
    near, far = _distance(anchors, positives), _distance(anchors, negatives)
    counts = near - far + margin > 0
    to_positive = (anchors - positives) / near * counts if near else 0 * anchors
    to_negative = (anchors - negatives) / far * counts if far else 0 * anchors
    return {"anchors": to_positive - to_negative, "positives": -to_positive, "negatives": to_negative}


value, gradient = samples(_loss, _slopes, ("anchors", "positives", "negatives"))
