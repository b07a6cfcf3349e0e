"""Real inputs: images, by default the scanned digits that scikit-learn ships, and a multilingual text that this package ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from reference.domains import Domain, Reals
from reference.specification import Array, OfImages, OfTexts, Spec


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


_FEWEST_CLASSES = 10
_ROWS = 64
_CHARACTERS_OF_A_LINE = 24


@dataclass(frozen=True)
class RealModel:
    """A model configured for real data: one large batch to compare, and batches for the training steps."""

    configuration: Mapping[str, Any]
    model: Any
    batches: Sequence[Mapping[str, Array]]


def real_model(spec: Spec, steps: int, rows: ImageRows | None = None) -> RealModel | None:
    """The model of the specification with what it is shown; None if it is shown nothing real.

    A model of images is shown `rows`, or the digits; too few images for the steps are gone through again.
    """
    match spec.real:
        case OfImages(configured):
            return _of_images(spec, configured, steps, digit_rows() if rows is None else rows)
        case OfTexts(configured):
            return _of_texts(spec, configured, steps)
    return None


def _of_images(spec: Spec, configured: Callable[[int, int], Mapping[str, Any]], steps: int, rows: ImageRows) -> RealModel:
    count, features = rows.images.shape
    configuration = configured(features, max(_FEWEST_CLASSES, int(rows.labels.max()) + 1))
    model = spec.evaluate(**configuration)
    parts = [np.arange(_ROWS * step, _ROWS * (step + 1)) % count for step in range(steps)]
    domains = model.batch_domains()
    return RealModel(configuration, model, [_image_batch(domains, rows, part) for part in (np.arange(count), *parts)])


def _image_batch(domains: Mapping[str, Domain], rows: ImageRows, part: Array) -> dict[str, Array]:
    """What the model takes of it."""
    batch = {"inputs": rows.images[part], "labels": rows.labels[part]}
    noise = domains.get("noise")
    if isinstance(noise, Reals):
        width = noise.axes[1]
        assert isinstance(width, int)
        batch["noise"] = np.random.default_rng(len(part)).normal(size=(len(part), width))
    return {name: array for name, array in batch.items() if name in domains}


def _of_texts(spec: Spec, configured: Callable[[int, int], Mapping[str, Any]], steps: int) -> RealModel:
    lines, width = _sample(), _CHARACTERS_OF_A_LINE
    ids = {c: i for i, c in enumerate(dict.fromkeys("".join(lines)), start=1)}
    configuration = configured(len(ids) + 1, len(lines))
    model = spec.evaluate(**configuration)
    arrays = {
        "characters": np.array([[ids[c] for c in line[:width]] + [0] * (width - len(line[:width])) for line in lines]),
        "labels": np.array([[float(line.isascii())] for line in lines]),
        "word": np.arange(len(lines))[:, None],
    }
    domains = model.batch_domains()
    batch = {name: array for name, array in arrays.items() if name in domains}
    return RealModel(configuration, model, [batch] * (steps + 1))
