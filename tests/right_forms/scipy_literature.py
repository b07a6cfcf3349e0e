"""What SciPy's other doors and papers write for the same, in NumPy."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from tests.right_forms.form import by_elements, by_rows, form


@form("huber_loss", "numpy")
def loss_of_least_squares(targets, predictions, delta=1.0, reduction="mean"):
    """½ C² ρ((f/C)²) of `scipy.optimize.least_squares`."""
    z = ((predictions - targets) / targets.dtype.type(delta)) ** 2
    with np.errstate(all="ignore"):
        rho = np.where(z <= 1, z, 2 * z**0.5 - 1)
    return by_rows((targets.dtype.type(0.5 * delta**2) * rho).sum(axis=1), reduction)


@form("vae_kl_loss", "numpy", ("float64",))
def cross_entropy_less_entropy(mean, log_var, reduction="mean"):
    """Of normal distributions, whose constants cancel."""
    crossed = 0.5 * np.log(2 * np.pi) + 0.5 * (mean**2 + np.exp(log_var))
    return by_rows((crossed - (0.5 * np.log(2 * np.pi) + 0.5 + 0.5 * log_var)).sum(axis=1), reduction)


@form("binary_cross_entropy", "numpy")
def minus_log_probability_of_signs(targets, logits, reduction="mean"):
    """log(1 + e^(−yz)) with y = ±1, weighted by the target."""
    return by_elements(targets * -special.log_expit(logits) + (1 - targets) * -special.log_expit(-logits), reduction)


@form("kl_sparsity_loss", "numpy", ("float64",))
def entropy_of_scipy(activations, target=0.1, weight=1.0, epsilon=1e-7):
    q = np.clip(activations.mean(axis=0), epsilon, 1 - epsilon)
    p = np.full_like(q, target)
    return np.asarray(weight * stats.entropy([p, 1 - p], [q, 1 - q], axis=0).sum())
