"""μ + e^(γ/2) · ε."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.reference.drawing import LOG_VARS, MEANS, Range, arrays
from tests.reference.mp_arrays import DIGITS, elements

_DIGITS_WITH_DEVIATION = DIGITS + 154  # e^350 ≈ 1e152
_NOISES: Range = (-3.0, 3.0, (0.0, 8.0, -8.0, 1e-9, 1.0))

draw = arrays(False, mean=MEANS, log_var=LOG_VARS, noise=_NOISES)


def _sample(mean: mpf, log_var: mpf, noise: mpf) -> mpf:
    return mean + mp.exp(log_var / 2) * noise


value, gradient = elements(_sample, ("mean", "log_var", "noise"), lambda e, _: e, lambda c, *_: c, _DIGITS_WITH_DEVIATION)
