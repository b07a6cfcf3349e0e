"""−½ Σ (1 + γ − μ² − e^γ)."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.reference.drawing import LOG_VARS, MEANS, arrays
from tests.reference.mp_arrays import DIGITS, elements, over_batch, share_over_batch

_DIGITS_WITH_VARIANCE = DIGITS + 306  # e^700 ≈ 1e304: μ² beside it must still be seen

draw = arrays(True, mean=MEANS, log_var=LOG_VARS)


def _gaussian_divergence(mean: mpf, log_var: mpf) -> mpf:
    return -(1 + log_var - mean**2 - mp.exp(log_var)) / 2


value, gradient = elements(_gaussian_divergence, ("mean", "log_var"), over_batch, share_over_batch, _DIGITS_WITH_VARIANCE)
