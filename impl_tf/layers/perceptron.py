"""Dense layers in a row: the encoders and decoders of all autoencoders, with names for what they put out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import keras
import tensorflow as tf

from impl_tf.layers.activations import ACTIVATIONS
from impl_tf.layers.dense import dense

Layers = Iterable[Callable[[tf.Tensor], tf.Tensor]]


def dense_layers(
    prefix: str, sizes: Sequence[int], seeds: Iterable[int], dtype: Any, trainable: bool = True
) -> list[keras.layers.Dense]:
    """A dense layer from every width to the next, each with a seed and a name of its own."""
    pairs = zip(pairwise(sizes), seeds, strict=True)
    return [dense(*widths, seed, f"{prefix}_{i}", dtype, trainable) for i, (widths, seed) in enumerate(pairs)]


def encoded(layers: Layers, inner: str, last: str, x: tf.Tensor, last_name: str = "coding") -> dict[str, tf.Tensor]:
    """encoder.0, …, and the last output under its own name; `inner` and `last` are the activations."""
    outputs, _ = forward(layers, inner, last, x)
    names = [*(f"encoder.{i}" for i in range(len(outputs) - 1)), last_name]
    return dict(zip(names, outputs, strict=True))


def decoded(layers: Layers, inner: str, last: str, x: tf.Tensor) -> dict[str, tf.Tensor]:
    """decoder.0, …, logits, reconstruction; `inner` and `last` are the activations."""
    (*hidden, reconstruction), logits = forward(layers, inner, last, x)
    return {**{f"decoder.{i}": value for i, value in enumerate(hidden)}, "logits": logits, "reconstruction": reconstruction}


def forward(layers: Layers, inner: str, last: str, x: tf.Tensor) -> tuple[list[tf.Tensor], tf.Tensor]:
    """The output of every layer, and the last layer's z before its activation."""
    *below, top = layers
    outputs = []
    for layer in below:
        x = ACTIVATIONS[inner](layer(x))
        outputs.append(x)
    z = top(x)
    return [*outputs, ACTIVATIONS[last](z)], z
