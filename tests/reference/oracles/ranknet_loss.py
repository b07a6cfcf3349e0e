"""−t ln σ(s − s′) − (1 − t) ln(1 − σ(s − s′))."""

from __future__ import annotations

from mpmath import mp

from tests.reference.drawing import Range, arrays
from tests.reference.mp_samples import samples, sigmoid

_SCORES: Range = (-3.0, 3.0, (0.0, 1.0, 1e-6, 20.0, -20.0, 50.0, -50.0))
_PROBABILITIES: Range = (0.0, 1.0, (0.0, 1.0, 0.5))

draw = arrays(True, scores=_SCORES, other_scores=_SCORES, targets=_PROBABILITIES)


def _loss(scores, other_scores, targets):
    pairs = zip(scores, other_scores, targets, strict=True)
    return -sum(t * mp.log(sigmoid(s - other)) + (1 - t) * mp.log(1 - sigmoid(s - other)) for s, other, t in pairs)


def _slopes(scores, other_scores, targets):
    slopes = [sigmoid(s - other) - t for s, other, t in zip(scores, other_scores, targets, strict=True)]
    return {"scores": slopes, "other_scores": [-slope for slope in slopes]}


value, gradient = samples(_loss, _slopes, ("scores", "other_scores", "targets"))
