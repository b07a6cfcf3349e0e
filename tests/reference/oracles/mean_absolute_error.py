"""Σ|t − p|, reduced as a reconstruction is."""

from __future__ import annotations

from tests.reference.drawing import FEATURES, arrays
from tests.reference.mp_arrays import elements, over_elements, share_over_elements
from tests.reference.mp_samples import sign

draw = arrays(True, targets=FEATURES, predictions=FEATURES)
value, _of_both = elements(
    lambda t, p: abs(t - p),
    ("targets", "predictions"),
    over_elements,
    share_over_elements,
    slopes=lambda t, p: (sign(t - p), sign(p - t)),
)


def gradient(cotangent, targets, predictions, reduction):
    return {"predictions": _of_both(cotangent, targets=targets, predictions=predictions, reduction=reduction)["predictions"]}
