"""Formulas of other fields, as one writes them who does not know the harness: plain NumPy, an equation, a source, domains."""

import math

import numpy as np
from scipy.special import erf

from conformance.references import Choice, Number, Reals, specification


@specification(
    equation="σ · [z(2Φ(z) − 1) + 2φ(z) − 1/√π], z = (y − μ)/σ",
    source="Gneiting and Raftery 2007, eq. 21",
    domains={
        "mean": Reals(("samples",), -100.0, 100.0, typical=(-3.0, 3.0), edges=(0.0,)),
        "deviation": Reals(("samples",), 0.01, 100.0, typical=(0.5, 3.0), edges=(1.0,)),
        "observed": Reals(("samples",), -100.0, 100.0, typical=(-3.0, 3.0), data=True),
    },
)
def gaussian_crps(mean, deviation, observed):
    """Continuous ranked probability score of a normal forecast."""
    z = (observed - mean) / deviation
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    distribution = (1 + erf(z / math.sqrt(2))) / 2
    return deviation * (z * (2 * distribution - 1) + 2 * density - 1 / math.sqrt(math.pi))


@specification(
    equation="K = P Hᵀ (H P Hᵀ + R)⁻¹ with P = A Aᵀ + I and R = r·I",
    source="Kalman 1960; Simon 2006, eq. 5.16",
    domains={
        "root": Reals(("states", "states"), -3.0, 3.0, typical=(-1.0, 1.0)),
        "observation": Reals(("outputs", "states"), -3.0, 3.0, typical=(-1.0, 1.0), edges=(0.0,)),
        "noise": Number(0.1, 10.0, default=1.0),
    },
)
def kalman_gain(root, observation, noise=1.0):
    """How much of what is observed a filter believes."""
    covariance = root @ root.T + np.eye(root.shape[0])
    innovation = observation @ covariance @ observation.T + noise * np.eye(observation.shape[0])
    return covariance @ observation.T @ np.linalg.inv(innovation)


@specification(
    equation="Σ_ij P_ij C_ij after 8 rounds of u = a/(Kv), v = b/(Kᵀu), K = exp(−C/ε), C_ij = (x_i − y_j)²",
    source="Cuturi 2013, algorithm 1",
    domains={
        "x": Reals(("points",), -2.0, 2.0, typical=(-1.0, 1.0)),
        "y": Reals(("others",), -2.0, 2.0, typical=(-1.0, 1.0)),
        "epsilon": Number(0.25, 4.0, default=1.0),
    },
)
def sinkhorn_cost(x, y, epsilon=1.0):
    """Entropic transport between two clouds of equal weights."""
    cost = (x[:, None] - y[None, :]) ** 2
    kernel = np.exp(-cost / epsilon)
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    v = np.ones(len(y))
    for _ in range(8):
        u = a / (kernel @ v)
        v = b / (kernel.T @ u)
    return np.sum(u[:, None] * kernel * v[None, :] * cost)


@specification(
    equation="mean of max(q·e, (q − 1)·e), e = y − p",
    source="Koenker and Bassett 1978",
    domains={
        "targets": Reals(("samples",), -1e3, 1e3, typical=(-2.0, 2.0), data=True),
        "predictions": Reals(("samples",), -1e3, 1e3, typical=(-2.0, 2.0), near="targets"),
        "quantile": Number(0.0, 1.0, default=0.5, edges=(0.1, 0.9)),
        "reduction": Choice(("mean", "sum", "none")),
    },
)
def quantile_loss(targets, predictions, quantile=0.5, reduction="mean"):
    """Pinball loss."""
    error = targets - predictions
    loss = np.maximum(quantile * error, (quantile - 1) * error)
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


@specification(
    equation="½ mean of the cross-entropies of the rows and of the columns of Q Kᵀ/τ with the diagonal; rows of Q and K normalised",
    source="Radford et al. 2021, figure 3",
    domains={
        "queries": Reals(("pairs", "features"), -5.0, 5.0, typical=(-2.0, 2.0)),
        "keys": Reals(("pairs", "features"), -5.0, 5.0, typical=(-2.0, 2.0)),
        "temperature": Number(0.05, 2.0, default=0.1),
    },
)
def symmetric_info_nce(queries, keys, temperature=0.1):
    """Contrastive loss of two views, both ways."""
    queries = queries / np.maximum(np.sqrt(np.sum(queries**2, axis=1, keepdims=True)), 1e-12)
    keys = keys / np.maximum(np.sqrt(np.sum(keys**2, axis=1, keepdims=True)), 1e-12)
    logits = queries @ keys.T / temperature

    def cross_entropy(z):
        largest = np.max(z, axis=1, keepdims=True)
        logarithm = np.log(np.sum(np.exp(z - largest), axis=1)) + largest[:, 0]
        return np.mean(logarithm - np.diagonal(z))

    return (cross_entropy(logits) + cross_entropy(logits.T)) / 2
