"""Real inputs: the scanned digits that scikit-learn ships, and a multilingual text that this package ships."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from reference.specification import Array


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
    return tuple(files("conformance").joinpath("data/multilingual.txt").read_text(encoding="utf-8").splitlines())


def text_inputs() -> dict[str, Any]:
    """The shipped text as inputs of the tokenizer: every other line is fitted, the rest is unseen."""
    lines = _sample()
    return {"texts": list(lines[::2]), "unseen": list(lines[1::2]), "lower": True, "oov_token": None, "num_chars": None}


_AUTOENCODERS: dict[str, dict[str, Any]] = {
    "StackedAutoencoder": {"sizes": (64, 32, 16)},
    "SparseAutoencoder": {"sizes": (64, 32, 96), "penalty": "kl"},
    "DenoisingAutoencoder": {"sizes": (64, 32, 16)},
    "ContractiveAutoencoder": {"sizes": (64, 24)},
    "LinearAutoencoder": {"features": 64, "codings": 16},
    "VariationalAutoencoder": {"sizes": (64, 32), "latent": 6},
}
_ROWS = 64


def model_inputs(name: str, steps: int) -> tuple[dict[str, Any], list[dict[str, Array]]]:
    """A configuration for the model, one large batch to compare, and batches for the training steps."""
    if name in _AUTOENCODERS or name == "PretrainedClassifier":
        slices = [slice(None), *(slice(_ROWS * step, _ROWS * (step + 1)) for step in range(steps))]
        return _AUTOENCODERS.get(name, {"encoder": (64, 32, 16)}), [_digit_batch(name, part) for part in slices]
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


def _digit_batch(name: str, part: slice) -> dict[str, Array]:
    images = digits()[part]
    rng = np.random.default_rng(len(images))
    if name == "PretrainedClassifier":
        return {"inputs": images, "labels": digit_labels()[part]}
    if name == "DenoisingAutoencoder":
        return {"inputs": images, "noise": rng.normal(size=images.shape)}
    if name == "VariationalAutoencoder":
        return {"inputs": images, "noise": rng.normal(size=(len(images), _AUTOENCODERS[name]["latent"]))}
    return {"inputs": images}
