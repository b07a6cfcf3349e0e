"""Real inputs: the scanned digits that scikit-learn ships, and a multilingual text that this package ships."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

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
def _sample() -> tuple[str, ...]:
    """Article 1 of the Universal Declaration of Human Rights (United Nations 1948) in twelve languages, and a line of accents."""
    return tuple(files("conformance").joinpath("data/multilingual.txt").read_text(encoding="utf-8").splitlines())


def text_inputs() -> dict[str, Any]:
    """The shipped text as inputs of the tokenizer: every other line is fitted, the rest is unseen."""
    lines = _sample()
    return {"texts": list(lines[::2]), "unseen": list(lines[1::2]), "lower": True, "oov_token": None, "num_chars": None}
