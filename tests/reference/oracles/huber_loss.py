"""½e² where |e| ≤ δ, δ(|e| − ½δ) elsewhere, summed over features."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mpf

from tests.reference.drawing import FEATURES, REDUCTIONS, Rng, array
from tests.reference.mp_arrays import mpfs, over_batch, share_over_batch

_DELTAS = (1.0, 0.5, 1e-3, 3.0)


def draw(rng: Rng, shape: tuple[int, int], at_edges: bool) -> dict[str, Any]:
    targets, delta = array(rng, shape, *FEATURES, at_edges), float(rng.choice(_DELTAS))
    predictions = targets + rng.choice((0.0, delta, -delta, 1e-8, 5.0), shape) if at_edges else array(rng, shape, *FEATURES, False)
    return {"targets": targets, "predictions": predictions, "delta": delta, "reduction": str(rng.choice(REDUCTIONS))}


def _loss(error: mpf, delta: mpf) -> mpf:
    return error**2 / 2 if abs(error) <= delta else delta * (abs(error) - delta / 2)


def _slope(error: mpf, delta: mpf) -> mpf:
    return error if abs(error) <= delta else delta if error > 0 else -delta


def value(targets, predictions, delta, reduction):
    return over_batch(np.frompyfunc(_loss, 2, 1)(mpfs(predictions) - mpfs(targets), mpf(delta)), reduction)


def gradient(cotangent, targets, predictions, delta, reduction):
    slopes = np.frompyfunc(_slope, 2, 1)(mpfs(predictions) - mpfs(targets), mpf(delta))
    slopes = slopes * share_over_batch(mpfs(np.asarray(cotangent)), reduction, slopes.shape)
    return {"targets": -slopes, "predictions": slopes}
