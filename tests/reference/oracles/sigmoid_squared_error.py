"""Σ½(σ(z) − t)²."""

from __future__ import annotations

from tests.reference.drawing import Range, arrays
from tests.reference.mp_samples import samples, sigmoid

_LOGITS: Range = (-4.0, 4.0, (0.0, 1e-4, -1e-4, 20.0, -20.0, 40.0, -40.0, 100.0, -100.0))
_PROBABILITIES: Range = (0.0, 1.0, (0.0, 1.0, 0.5, 1e-12))

draw = arrays(True, targets=_PROBABILITIES, logits=_LOGITS)


def _loss(targets, logits):
    return sum((sigmoid(z) - t) ** 2 / 2 for t, z in zip(targets, logits, strict=True))


def _slopes(targets, logits):
    return {"logits": [(sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)) for t, z in zip(targets, logits, strict=True)]}


value, gradient = samples(_loss, _slopes, ("targets", "logits"))
