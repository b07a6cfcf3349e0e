"""−Σ ln of the normal density."""

from __future__ import annotations

from mpmath import mp

from tests.reference.drawing import FEATURES, Range, arrays
from tests.reference.mp_samples import samples

_LOG_VARS: Range = (-3.0, 3.0, (0.0, 1e-4, -1e-4, 1e-8, 20.0, -20.0, 60.0))

draw = arrays(True, targets=FEATURES, mean=FEATURES, log_var=_LOG_VARS)


def _loss(targets, mean, log_var):
    """The logarithm of the density: far away that itself has too many zeros behind its point to be written out."""
    rows = zip(targets, mean, log_var, strict=True)
    return sum((x - m) ** 2 / (2 * mp.exp(g)) + mp.log(mp.sqrt(2 * mp.pi * mp.exp(g))) for x, m, g in rows)


def _slopes(targets, mean, log_var):
    rows = list(zip(targets, mean, log_var, strict=True))
    return {
        "mean": [(m - x) / mp.exp(g) for x, m, g in rows],
        "log_var": [(1 - (x - m) ** 2 / mp.exp(g)) / 2 for x, m, g in rows],
    }


value, gradient = samples(_loss, _slopes, ("targets", "mean", "log_var"))
