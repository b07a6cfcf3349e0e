"""Error scales of forms that lose digits: the sum of the magnitudes of the terms as they are added."""

from __future__ import annotations

import numpy as np


def naive_cancellation(mean, log_var, reduction="mean"):
    """Magnitudes of the terms of 1 + γ − μ² − e^γ as they are added."""
    rows = 0.5 * (1 + np.abs(log_var) + np.square(mean) + np.exp(log_var)).sum(axis=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()


def expanded_square(inputs, reconstructions, reduction="mean"):
    """Magnitudes of the terms x², 2xr and r² as they are added."""
    elements = (np.abs(inputs) + np.abs(reconstructions)) ** 2
    rows = elements.sum(axis=1)
    return elements.mean() if reduction == "mean" else rows.mean() if reduction == "sum" else rows
