"""§4.2: what the L1 and the KL penalty make of the codings, and how steep they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures

TARGET = 0.1
_NEAR = 0.1
_HIDDEN, _CODINGS = 100, 300


def measure(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """Mean activities of the codings of held-out images with each penalty; slopes of both penalties, with weight 1, at them."""
    sizes = (pictures.features, _HIDDEN, _CODINGS)
    kl = laboratory.model("SparseAutoencoder", sizes=sizes, penalty="kl", weight=0.05, target=TARGET, seed=seed)
    l1 = laboratory.model("SparseAutoencoder", sizes=sizes, penalty="l1", weight=1e-3, seed=seed)
    before = laboratory.call(kl.encode, pictures.test)
    numbers = {f"{name}_untrained": value for name, value in slopes(laboratory, before).items()}
    epochs = 120 if pictures.small else 25
    for name, model in (("kl", kl), ("l1", l1)):
        laboratory.train(model, {"inputs": pictures.train}, epochs, seed, batch_size=128, learning_rate=2e-3)
        numbers |= {f"{name}_{quantity}": value for quantity, value in activity(laboratory, model, pictures).items()}
    # Near the target only: a coding that no image moves says nothing of the cost's shape there.
    mean = laboratory.call(kl.encode, pictures.test).mean(axis=0, keepdims=True)
    near = mean[:, np.abs(mean[0] - TARGET) <= _NEAR]
    return numbers | {f"{name}_near": value for name, value in slopes(laboratory, near).items()}


def activity(laboratory: Laboratory, model: Any, pictures: Pictures) -> Numbers:
    """Mean activity, how far it is from the target, over all codings together and coding by coding; and the held-out error."""
    codings = laboratory.call(model.encode, pictures.test)
    error = np.mean((laboratory.call(model.decode, codings) - pictures.test) ** 2)
    return {
        "activity": float(codings.mean()),
        "distance_of_mean": float(abs(codings.mean() - TARGET)),
        "distance": float(np.abs(codings.mean(axis=0) - TARGET).mean()),
        "error": float(error),
    }


def slopes(laboratory: Laboratory, codings: np.ndarray) -> Numbers:
    """|∂cost/∂p̂|, the mean over the codings (B, D), of each penalty with weight 1; nothing to average gives NaN.

    p̂ of a coding moves by δ when all its activities do, so the slope is the sum of the gradient over the batch.
    """
    if codings.shape[1] == 0:
        return {"kl_slope": float("nan"), "l1_slope": float("nan")}
    kl = laboratory.gradient("kl_sparsity_loss", "activations", codings, target=TARGET)
    l1 = laboratory.gradient("l1_activity_loss", "activations", codings, weight=1.0)
    return {"kl_slope": float(np.abs(kl.sum(axis=0)).mean()), "l1_slope": float(np.abs(l1.sum(axis=0)).mean())}


EXPERIMENT = Experiment(
    "sparsity",
    "Two autoencoders with 300 sigmoid codings learn from the same batches, one with the KL penalty (target 0.1, weight 0.05), one with "
    "L1 (weight 0.001), as in the lecture; activities are those of held-out images, slopes are |∂cost/∂p̂| with weight 1 for both.",
    measure,
)
CLAIMS = (
    Claim(
        "kl-reaches-target",
        "The KL penalty brings the mean activity to the target.",
        "000 §4.2.2",
        EXPERIMENT,
        "distance of the mean coding activity from 0.1 is below 0.02",
        "kl_distance_of_mean",
        side="below",
        threshold=0.02,
    ),
    Claim(
        "kl-nearer-than-l1",
        "The KL penalty enforces the target sparsity more strongly than L1 does.",
        "000 §4.2.2",
        EXPERIMENT,
        "distance of each coding's mean activity from 0.1, averaged: L1's minus KL's",
        ("l1_distance", "kl_distance"),
    ),
    Claim(
        "kl-steeper-far",
        "The KL cost is steeper than L1's: where training starts.",
        "000 §4.2.2",
        EXPERIMENT,
        "slope at the mean activities of an untrained network: KL's minus L1's",
        ("kl_slope_untrained", "l1_slope_untrained"),
    ),
    Claim(
        "kl-steeper-near",
        "The KL cost is steeper than L1's: at the target.",
        "000 §4.2.2",
        EXPERIMENT,
        "slope at those mean activities that training brought within 0.1 of the target: KL's minus L1's",
        ("kl_slope_near", "l1_slope_near"),
    ),
)
