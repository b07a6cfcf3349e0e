"""§3.3: an encoder that has learned from all images, under a classifier that learns from the few with labels."""

from __future__ import annotations

import numpy as np

from conformance.claims.claim import Claim, Experiment, Numbers
from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures

_CODINGS = (100, 30)
_LABELLED = (10, 100)
_STEPS = 300
_WAYS = ("scratch", "fine_tuned", "frozen")


def measure(laboratory: Laboratory, pictures: Pictures, seed: int) -> Numbers:
    """Held-out accuracy of each way with each number of labels, every way with the same labelled images and batches."""
    autoencoder = laboratory.model("StackedAutoencoder", sizes=(pictures.features, *_CODINGS), seed=seed)
    laboratory.train(autoencoder, {"inputs": pictures.train}, 100 if pictures.small else 25, seed)
    return {
        f"{way}_{labelled}": _accuracy(laboratory, pictures, autoencoder, way, labelled, seed)
        for labelled in _LABELLED
        for way in _WAYS
    }


def _accuracy(laboratory: Laboratory, pictures: Pictures, autoencoder: object, way: str, labelled: int, seed: int) -> float:
    encoder = (pictures.features, *_CODINGS) if way == "scratch" else autoencoder
    classes = int(pictures.train_labels.max()) + 1
    classifier = laboratory.model("PretrainedClassifier", encoder, classes=classes, trainable_encoder=way != "frozen", seed=seed)
    rows = balanced(pictures.train_labels[:, 0], labelled, seed)
    batch = min(32, len(rows))
    epochs = max(1, _STEPS * batch // len(rows))
    data = {"inputs": pictures.train[rows], "labels": pictures.train_labels[rows]}
    laboratory.train(classifier, data, epochs, seed, batch_size=batch, learning_rate=3e-3)
    probabilities = laboratory.call(classifier.inference, pictures.test)["probabilities"]
    return float(np.mean(probabilities.argmax(axis=1) == pictures.test_labels[:, 0]))


def balanced(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows of about `count` images, of each class as many, at least one."""
    order = np.random.default_rng(seed).permutation(len(labels))
    classes = np.unique(labels)
    return np.concatenate([order[labels[order] == label][: max(1, count // len(classes))] for label in classes])


EXPERIMENT = Experiment(
    "pretraining",
    "An autoencoder with 100 and 30 units learns from all training images; its encoder under a softmax head then learns for 300 steps "
    "from 10 or 100 labelled images, a new draw for every seed, beside the same network from scratch; held-out accuracy is compared.",
    measure,
)
CLAIMS = tuple(
    Claim(
        f"pretraining-{labelled}",
        "Unsupervised pretraining makes a good classifier possible with few labels.",
        "000 §3.3",
        EXPERIMENT,
        f"held-out accuracy with {labelled} labels, {way.replace('_', '-')} minus from scratch",
        (f"{way}_{labelled}", f"scratch_{labelled}"),
        scale=100,
        unit="points",
    )
    for labelled in _LABELLED
    for way in ("fine_tuned",)
)
