"""Lecture notes 003 §6c and 004: a linear autoencoder and principal component analysis."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures

_CODINGS = 8
# Epochs and learning rate: the eighth and ninth components of the digits weigh nearly the same, so the way to the optimum is long;
# there Adam circles it, and a smaller rate brings it in.
_STAGES = ((600, 1e-2), (200, 1e-3))


def measure(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """Overlap of what the decoder spans with the principal subspace, and training errors over the best that is possible."""
    model = laboratory.model("LinearAutoencoder", features=pictures.features, codings=_CODINGS, seed=seed)
    before = overlap(decoder(model), pictures.train)
    for stage, (epochs, rate) in enumerate(_STAGES):
        epochs = epochs if pictures.small else epochs // 5
        order = len(_STAGES) * seed + stage
        laboratory.train(model, {"inputs": pictures.train}, epochs, order, batch_size=128, learning_rate=rate)
    reconstructed = laboratory.call(model.inference, pictures.train)["reconstruction"]
    return {
        "overlap": overlap(decoder(model), pictures.train),
        "overlap_untrained": before,
        "error_over_pca": float(np.mean((reconstructed - pictures.train) ** 2)) / least_error(pictures.train) - 1,
    }


def decoder(model: Any) -> np.ndarray:
    """The decoder's matrix, (codings, features)."""
    return model.export_weights()["decoder.0.weight"]


def overlap(rows: np.ndarray, images: np.ndarray) -> float:
    """Mean squared cosine of the principal angles between the span of k rows, (k, F), and the first k principal components, from 0 to 1.

    It is ‖Q Pᵀ‖²/k for orthonormal bases Q and P; for two random subspaces it is k/F on average.

    Source: Å. Björck & G. Golub, Numerical methods for computing angles between linear subspaces, Mathematics of Computation 1973.
    """
    basis = np.linalg.qr(rows.astype(np.float64).T)[0]
    return float(np.square(_components(images)[: len(rows)] @ basis).sum() / len(rows))


def least_error(images: np.ndarray) -> float:
    """The mean squared error of PCA: what no linear autoencoder of as many codings falls below."""
    centred = images - images.mean(axis=0, dtype=np.float64)
    values = np.linalg.svd(centred, compute_uv=False)
    return float(np.square(values[_CODINGS:]).sum() / centred.size)


def _components(images: np.ndarray) -> np.ndarray:
    return np.linalg.svd(images - images.mean(axis=0, dtype=np.float64), full_matrices=False)[2]


EXPERIMENT = Experiment(
    "linear",
    "A linear autoencoder with 8 codings learns from the training images with falling learning rates; the span of its decoder is compared "
    "with the first 8 principal components of the same images.",
    measure,
)
CLAIMS = (
    Claim(
        "linear-spans-pca",
        "A linear autoencoder spans the PCA subspace.",
        "003 §6c, 004",
        EXPERIMENT,
        "mean squared cosine of the angles between both subspaces is above 0.99, where a random one has 8 / pixels",
        "overlap",
        threshold=0.99,
    ),
)
