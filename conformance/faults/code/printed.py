"""Formulas as textbooks print them and most people write them: what is changed to predict a mistake that nobody has written down.

Each has the name and the arguments of its specification, checks nothing, and reduces over the batch by itself. Where the reference keeps
more digits these lose some, so that they predict mistakes and judge nobody.
"""

from __future__ import annotations

import numpy as np


def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    q = np.clip(activations.mean(axis=0), epsilon, 1.0 - epsilon)
    return weight * (target * np.log(target / q) + (1.0 - target) * np.log((1.0 - target) / (1.0 - q))).sum()


def l1_activity_loss(activations, weight=1e-3):
    return weight * np.abs(activations).sum() / len(activations)


def huber_loss(targets, predictions, delta=1.0, reduction="mean"):
    error = np.abs(predictions - targets)
    rows = np.where(error <= delta, 0.5 * error**2, delta * error - 0.5 * delta**2).sum(axis=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()


def vae_kl_loss(mean, log_var, reduction="mean"):
    rows = 0.5 * (mean**2 + np.expm1(log_var) - log_var).sum(axis=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()


def reparameterize(mean, log_var, noise):
    deviation = np.sqrt(np.exp(log_var))
    return mean + deviation * noise


def mean_squared_error(inputs, reconstructions, reduction="mean"):
    elements = (inputs - reconstructions) ** 2
    rows = elements.reshape(len(elements), -1).sum(axis=1)
    return rows if reduction == "none" else elements.mean() if reduction == "mean" else rows.mean()


def binary_cross_entropy(targets, logits, reduction="mean"):
    probabilities = 1.0 / (1.0 + np.exp(-logits))
    elements = -(targets * np.log(probabilities) + (1.0 - targets) * np.log(1.0 - probabilities))
    rows = elements.reshape(len(elements), -1).sum(axis=1)
    return rows if reduction == "none" else elements.mean() if reduction == "mean" else rows.mean()
