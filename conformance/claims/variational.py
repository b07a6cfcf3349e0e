"""§5: what the latent term does to σ, to the way between two codings, and to the sharpness of reconstructions."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures

_LATENT = 10
_STRONG = 10.0
_PAIRS = 300
_LOSS = "binary_cross_entropy"


def measure_latent(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """σ, the spread of μ, sharpness and error of three variational autoencoders, β = 1, 0 and 10, trained alike."""
    numbers: dict[str, float] = {"sharpness_data": sharpness(pictures.test, pictures.shape)}
    epochs = 80 if pictures.small else 30
    for name, beta in (("usual", 1.0), ("none", 0.0), ("strong", _STRONG)):
        model = laboratory.model("VariationalAutoencoder", _widths(pictures), latent=_LATENT, beta=beta, loss=_LOSS, seed=seed)
        laboratory.train(model, {"inputs": pictures.train}, epochs, seed, batch_size=128, learning_rate=2e-3, noise=_LATENT)
        numbers |= {f"{quantity}_{name}": value for quantity, value in latent_spread(laboratory, model, pictures).items()}
        decoded = laboratory.call(model.inference, pictures.test)["reconstruction"]
        numbers[f"sharpness_{name}"] = sharpness(decoded, pictures.shape)
        numbers[f"error_{name}"] = float(np.mean((decoded - pictures.test) ** 2))
    return numbers


def measure_interpolation(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """How far from the data a variational and a plain autoencoder of the same widths decode, between codings and at them."""
    epochs = 120 if pictures.small else 30
    vae = laboratory.model("VariationalAutoencoder", _widths(pictures), latent=_LATENT, loss=_LOSS, seed=seed)
    laboratory.train(vae, {"inputs": pictures.train}, epochs, seed, learning_rate=2e-3, noise=_LATENT)
    plain = laboratory.model("StackedAutoencoder", (*_widths(pictures), _LATENT), loss=_LOSS, seed=seed)
    laboratory.train(plain, {"inputs": pictures.train}, epochs, seed, learning_rate=2e-3)
    first, second = pairs(pictures.test_labels[:, 0], seed)
    return {
        f"{quantity}_{name}": value
        for name, model in (("vae", vae), ("plain", plain))
        for quantity, value in off_data(laboratory, model, pictures, first, second).items()
    }


def _widths(pictures: Pictures) -> tuple[int, ...]:
    return (pictures.features, *((100, 60) if pictures.small else (150, 100)))


def latent_spread(laboratory: Laboratory, model: Any, pictures: Pictures) -> Numbers:
    """Mean σ over held-out images and dimensions, and the mean over dimensions of the standard deviation of μ over the images."""
    mean, log_var = laboratory.call(model.encode, pictures.test)
    return {"sigma": float(np.exp(log_var / 2).mean()), "spread": float(mean.std(axis=0).mean())}


def sharpness(images: np.ndarray, shape: tuple[int, int]) -> float:
    """Mean |difference| of neighbouring pixels, (N, height·width): the total variation, which blurring lowers.

    Source: L. Rudin, S. Osher & E. Fatemi, Nonlinear total variation based noise removal algorithms, Physica D 1992.
    """
    square = images.reshape(-1, *shape).astype(np.float64)
    steps = [np.abs(np.diff(square, axis=axis)).ravel() for axis in (1, 2)]
    return float(np.concatenate(steps).mean())


def pairs(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of pairs of held-out images of different classes."""
    candidates = np.random.default_rng(seed).integers(len(labels), size=(4 * _PAIRS, 2))
    different = candidates[labels[candidates[:, 0]] != labels[candidates[:, 1]]][:_PAIRS]
    return different[:, 0], different[:, 1]


def off_data(laboratory: Laboratory, model: Any, pictures: Pictures, first: np.ndarray, second: np.ndarray) -> Numbers:
    """Root mean squared distance of decoded images from the nearest training image: midway between two codings, and at their ends."""
    codings = laboratory.call(model.encode, pictures.test)
    codings = codings[0] if isinstance(codings, tuple) else codings
    middle = laboratory.call(model.decode, (codings[first] + codings[second]) / 2)
    ends = laboratory.call(model.decode, codings[np.concatenate([first, second])])
    at_middle, at_ends = (float(nearest(images, pictures.train).mean()) for images in (middle, ends))
    return {"middle": at_middle, "ends": at_ends, "excess": at_middle - at_ends}


def nearest(images: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Root mean squared difference of every image, (N, F), from the nearest one among others, (M, F)."""
    x, y = images.astype(np.float64), among.astype(np.float64)
    squared = (x**2).sum(axis=1)[:, None] - 2 * x @ y.T + (y**2).sum(axis=1)
    return np.sqrt(np.maximum(squared.min(axis=1), 0) / x.shape[1])


LATENT = Experiment(
    "latent",
    "Three variational autoencoders with 10 latent dimensions, their latent term weighed by β = 1, 0 and 10, learn from the same batches "
    "with the cross-entropy, for 80 epochs of batches of 128 (30 for images of MNIST's size); σ, reconstructions and their sharpness are "
    "those of held-out images.",
    measure_latent,
)
INTERPOLATION = Experiment(
    "interpolation",
    "A variational and a plain autoencoder of the same widths, both with 10 codings, learn from the same batches of 64 with the "
    "cross-entropy, for 120 epochs (30) as in the examples; for 300 pairs of held-out images of different classes the coding midway is "
    "decoded, and its root mean squared difference from the nearest training image is taken.",
    measure_interpolation,
)
CLAIMS = (
    Claim(
        "sigma-to-zero",
        "Without the latent term the encoder brings σ to 0.",
        "000 §5.2",
        LATENT,
        "mean σ of held-out images with β = 0 is below 0.1, where the prior has 1",
        "sigma_none",
        side="below",
        threshold=0.1,
    ),
    Claim(
        "interpolation",
        "Between two codings a plain autoencoder may decode what means nothing; a variational one stays with the data.",
        "000 §5.1",
        INTERPOLATION,
        "distance of the image decoded midway from the data: the plain autoencoder's minus the variational one's",
        ("middle_plain", "middle_vae"),
    ),
    Claim(
        "interpolation-excess",
        "The same, beyond what each model already loses in reconstruction.",
        "000 §5.1",
        INTERPOLATION,
        "by how much the image midway is farther from the data than those at both ends: plain minus variational",
        ("excess_plain", "excess_vae"),
    ),
    Claim(
        "strong-kl-blurs",
        "Too strong a latent loss blurs the reconstructions.",
        "000 §5.2",
        LATENT,
        "sharpness (mean difference of neighbouring pixels) of reconstructions: β = 1 minus β = 10",
        ("sharpness_usual", "sharpness_strong"),
    ),
)
