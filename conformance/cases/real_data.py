"""Real inputs: images, by default the scanned digits that scikit-learn ships, and a multilingual text that this package ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from reference.specification import Array


@dataclass(frozen=True)
class ImageRows:
    """Images as rows, (N, features) from 0 to 1, and the class of each, (N, 1)."""

    name: str
    images: Array
    labels: Array


@cache
def digit_rows() -> ImageRows:
    """What models are shown if nothing else is given."""
    return ImageRows("digits", digits(), digit_labels())


@cache
def digits() -> Array:
    """1,797 images of 8×8 pixels, (1797, 64), from 0 to 1.

    Source: E. Alpaydin & C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, as shipped with scikit-learn.
    """
    from sklearn.datasets import load_digits

    images = load_digits(return_X_y=True)[0] / 16.0
    images.setflags(write=False)
    return images


@cache
def digit_labels() -> Array:
    """The digit on each of the images, (1797, 1)."""
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)[1].astype(np.int64)[:, None]


@cache
def _sample() -> tuple[str, ...]:
    """Article 1 of the Universal Declaration of Human Rights (United Nations 1948) in twelve languages, and a line of accents."""
    return tuple(files("conformance.cases").joinpath("data/multilingual.txt").read_text(encoding="utf-8").splitlines())


def text_inputs() -> dict[str, Any]:
    """The shipped text as inputs of the tokenizer: every other line is fitted, the rest is unseen."""
    lines = _sample()
    return {"texts": list(lines[::2]), "unseen": list(lines[1::2]), "lower": True, "oov_token": None, "num_chars": None}


_LATENT = 6
_CLASSES = 10
_ROWS = 64


def _image_model(name: str, rows: ImageRows) -> dict[str, Any] | None:
    """The configuration of a model of images, as wide as they are; None for a model of something else."""
    width = rows.images.shape[1]
    configurations: dict[str, dict[str, Any]] = {
        "StackedAutoencoder": {"sizes": (width, 32, 16)},
        "SparseAutoencoder": {"sizes": (width, 32, 96), "penalty": "kl"},
        "DenoisingAutoencoder": {"sizes": (width, 32, 16)},
        "ContractiveAutoencoder": {"sizes": (width, 24)},
        "LinearAutoencoder": {"features": width, "codings": 16},
        "VariationalAutoencoder": {"sizes": (width, 32), "latent": _LATENT},
        "PretrainedClassifier": {"encoder": (width, 32, 16), "classes": max(_CLASSES, int(rows.labels.max()) + 1)},
    }
    return configurations.get(name)


def model_inputs(name: str, steps: int, rows: ImageRows | None = None) -> tuple[dict[str, Any], list[dict[str, Array]]]:
    """A configuration for the model, one large batch to compare, and batches for the training steps.

    A model of images is shown `rows`, or the digits; too few images for the steps are gone through again.
    """
    rows = digit_rows() if rows is None else rows
    configuration = _image_model(name, rows)
    if configuration is not None:
        count = len(rows.images)
        parts = [np.arange(_ROWS * step, _ROWS * (step + 1)) % count for step in range(steps)]
        return configuration, [_image_batch(name, rows, part) for part in (np.arange(count), *parts)]
    lines = _sample()
    ids = {c: i for i, c in enumerate(dict.fromkeys("".join(lines)), start=1)}
    width = 24
    characters = np.array([[ids[c] for c in line[:width]] + [0] * (width - len(line[:width])) for line in lines])
    batch = {"characters": characters, "labels": np.array([[float(line.isascii())] for line in lines])}
    configuration = {"vocabulary_size": len(ids) + 1, "units": 16}
    if name == "HybridClassifier":
        configuration |= {"words": len(lines)}
        batch |= {"word": np.arange(len(lines))[:, None]}
    return configuration, [batch] * (steps + 1)


def _image_batch(name: str, rows: ImageRows, part: Array) -> dict[str, Array]:
    images = rows.images[part]
    rng = np.random.default_rng(len(images))
    if name == "PretrainedClassifier":
        return {"inputs": images, "labels": rows.labels[part]}
    if name == "DenoisingAutoencoder":
        return {"inputs": images, "noise": rng.normal(size=images.shape)}
    if name == "VariationalAutoencoder":
        return {"inputs": images, "noise": rng.normal(size=(len(images), _LATENT))}
    return {"inputs": images}
