"""Lecture 000 §3.3: an autoencoder learns from all images, a classifier on its encoder from the few that have labels.

Compared on held-out images with the same network trained from scratch on the same labels, over several draws of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from examples import drawing
from examples.experiment import Experiment, Pictures

_LABELLED = (10, 30, 100, 300)
_DRAWS = 4
_STEPS = 300
_WAYS = {
    "pretrained, fine-tuned": (drawing.BLUE, "o"),
    "pretrained, frozen": (drawing.GREEN, "s"),
    "from scratch": (drawing.ORANGE, "^"),
}


def main(arguments: Sequence[str] | None = None) -> Path:
    run = Experiment.from_command_line(__doc__, arguments)
    pictures = run.pictures()
    autoencoder = run.model("StackedAutoencoder", sizes=(pictures.features, 100, 30))
    run.train(autoencoder, {"inputs": pictures.train}, epochs=run.epochs(100 if len(pictures.train) < 2000 else 25))

    counts = [n for n in (_LABELLED[:2] if run.quick else _LABELLED) if n <= len(pictures.train)]
    draws = 2 if run.quick else _DRAWS
    errors = {
        way: np.array([[_accuracy(run, pictures, autoencoder, way, n, d) for d in range(draws)] for n in counts]) for way in _WAYS
    }

    drawn = drawing.figure(3.1)
    axes = drawn.subplots()
    for shift, (way, (colour, marker)) in zip((0.97, 1.0, 1.03), _WAYS.items(), strict=True):
        mean, spread = 100 * errors[way].mean(axis=1), 100 * errors[way].std(axis=1, ddof=1)
        print(f"{way}: " + ", ".join(f"{n} labels {m:.1f} ± {s:.1f} %" for n, m, s in zip(counts, mean, spread, strict=True)))
        places = shift * np.array(counts)
        axes.errorbar(places, mean, yerr=spread, color=colour, marker=marker, markersize=4, capsize=2, linewidth=1.4, label=way)
    axes.set_xscale("log")
    axes.set_xticks(counts, labels=[str(n) for n in counts], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_xlabel(f"images with a label, of {len(pictures.train):,} to learn from")
    axes.set_ylabel("held-out accuracy / %")
    axes.set_title(f"§3.3: few labels (mean and standard deviation of {draws} draws)")
    axes.legend(loc="lower right")
    return drawing.save(drawn, run.out, "pretraining_few_labels")


def _accuracy(run: Experiment, pictures: Pictures, autoencoder: Any, way: str, labelled: int, draw: int) -> float:
    """Train one classifier and judge it on the held-out images. The same draw shows every way the same labelled images."""
    encoder = autoencoder.sizes if way == "from scratch" else autoencoder
    classifier = run.model(
        "PretrainedClassifier", encoder, classes=10, trainable_encoder=way != "pretrained, frozen", seed=run.seed + draw
    )
    rows = _balanced(pictures.train_labels[:, 0], labelled, run.seed + draw)
    data = {"inputs": pictures.train[rows], "labels": pictures.train_labels[rows]}
    batch = min(32, labelled)
    epochs = run.epochs(max(1, _STEPS * batch // labelled))
    run.train(classifier, data, epochs, batch_size=batch, learning_rate=3e-3)
    probabilities = run.call(classifier.inference, pictures.test)["probabilities"]
    return float(np.mean(probabilities.argmax(axis=1) == pictures.test_labels[:, 0]))


def _balanced(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows of `count` images, of each of the ten classes as many."""
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.concatenate([order[labels[order] == label][: count // 10] for label in range(10)])


if __name__ == "__main__":
    main()
