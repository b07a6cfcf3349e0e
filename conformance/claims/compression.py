"""§3.2 and §4.1: what an autoencoder keeps with few codings, and what one with more codings than pixels does."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures


def measure_stacked(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """Held-out squared error of a stacked autoencoder and of PCA with as many codings."""
    from sklearn.decomposition import PCA

    # The lecture's widths for 28×28 pixels; for the small digits a code as tight.
    inner = (64, 8) if pictures.features < 400 else (100, 30)
    model = laboratory.model("StackedAutoencoder", sizes=(pictures.features, *inner), seed=seed)
    laboratory.train(model, {"inputs": pictures.train}, 250 if pictures.small else 40, seed, learning_rate=2e-3)
    pca = PCA(inner[-1], svd_solver="full").fit(pictures.train)
    projected = pca.inverse_transform(pca.transform(pictures.test))
    return {
        "stacked": float(np.mean((_reconstructed(laboratory, model, pictures.test) - pictures.test) ** 2)),
        "pca": float(np.mean((projected - pictures.test) ** 2)),
    }


def measure_overcomplete(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """Explained shares of held-out images, and of the same with their pixels shuffled, which are no digits any more."""
    model = laboratory.model("StackedAutoencoder", sizes=(pictures.features, 2 * pictures.features), seed=seed)
    laboratory.train(model, {"inputs": pictures.train}, 150 if pictures.small else 40, seed, learning_rate=2e-3)
    return copied(laboratory, model, pictures, seed)


def copied(laboratory: Laboratory, model: Any, pictures: Pictures, seed: int) -> Numbers:
    """How much of images it has learned the like of, and of images it has not, the model gives back."""
    shuffled = np.random.default_rng(seed).permuted(pictures.test, axis=1)
    return {
        name: explained(images, _reconstructed(laboratory, model, images))
        for name, images in (("held_out", pictures.test), ("shuffled", shuffled))
    }


def explained(images: np.ndarray, reconstructions: np.ndarray) -> float:
    """1 − Σ(x̂ − x)² / Σ(x − mean)², the mean taken pixel by pixel: 1 for a copy, 0 for the mean image."""
    residue = np.square(reconstructions.astype(np.float64) - images).sum()
    return float(1 - residue / np.square(images - images.mean(axis=0, dtype=np.float64)).sum())


def _reconstructed(laboratory: Laboratory, model: Any, images: np.ndarray) -> np.ndarray:
    return laboratory.call(model.inference, images)["reconstruction"]


STACKED = Experiment(
    "stacked",
    "A stacked autoencoder with 8 codings (30 for images of MNIST's size) and PCA with as many components learn from the training images; "
    "the mean squared error of held-out images is compared.",
    measure_stacked,
)
OVERCOMPLETE = Experiment(
    "overcomplete",
    "An autoencoder with twice as many ReLU codings as pixels and no penalty learns from the training images; it is shown held-out images, "
    "and held-out images whose pixels are shuffled, each in its own way, so that only a copying machine gives them back.",
    measure_overcomplete,
)
STACKED_CLAIMS = (
    Claim(
        "stacked-beats-pca",
        "A stacked autoencoder keeps more of an image than PCA with as many codings.",
        "000 §3.2",
        STACKED,
        "held-out mean squared error: PCA's minus the autoencoder's",
        ("pca", "stacked"),
    ),
)
OVERCOMPLETE_CLAIMS = (
    Claim(
        "overcomplete-copies",
        "An overcomplete autoencoder without penalty copies its input.",
        "000 §4.1",
        OVERCOMPLETE,
        "explained share of the variance of held-out images is above 95 %",
        "held_out",
        threshold=0.95,
        scale=100,
        unit="%",
    ),
    Claim(
        "overcomplete-identity",
        "What it learns is the identity function.",
        "000 §4.1",
        OVERCOMPLETE,
        "explained share of the variance of images with shuffled pixels is above 95 %",
        "shuffled",
        threshold=0.95,
        scale=100,
        unit="%",
    ),
)
