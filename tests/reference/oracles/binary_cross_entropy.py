"""ln(1 + e^z) − t·z, reduced. By `mpmath.diff` it would need 800 digits, so it is differentiated by hand."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.reference.drawing import Range, arrays
from tests.reference.mp_arrays import DIGITS, elements, over_elements, share_over_elements

_DIGITS = DIGITS + 350  # e^800 ≈ 1e347
_LOGITS: Range = (
    -4.0,
    4.0,
    (0.0, 1e-4, -1e-4, 20.0, -20.0, 40.0, -40.0, 100.0, -100.0, 700.0, -700.0, 720.0, -720.0, -745.0, 800.0, -800.0),
)
_PROBABILITIES: Range = (0.0, 1.0, (0.0, 1.0, 0.5, 1e-12, 1 - 2.0**-53, 1e-4))

draw = arrays(True, targets=_PROBABILITIES, logits=_LOGITS)


def _cross_entropy(targets: mpf, logits: mpf) -> mpf:
    return mp.log(1 + mp.exp(logits)) - targets * logits


def _slopes(targets: mpf, logits: mpf) -> tuple[mpf, mpf]:
    return -logits, mp.exp(logits) / (1 + mp.exp(logits)) - targets


value, gradient = elements(_cross_entropy, ("targets", "logits"), over_elements, share_over_elements, _DIGITS, _slopes)
