"""The embedding: row i of a table for id i."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def embedding(count: int, width: int, limit: float, seed: int, name: str, dtype: Any) -> keras.layers.Embedding:
    """A table (count, width), built at once, U(±limit) decided by `seed` alone. Padding is a row like all others: no mask."""
    initial = keras.initializers.RandomUniform(-limit, limit, seed=seed)
    layer = keras.layers.Embedding(count, width, embeddings_initializer=initial, name=name, dtype=dtype)
    layer.build()
    return layer


def looked_up(layer: keras.layers.Embedding, ids: tf.Tensor) -> tf.Tensor:
    """table[ids] in the compute dtype: (…) to (…, width).

    Not by calling the layer, for Keras takes −1 for the last row: where TensorFlow can check (the CPU), it refuses here.
    """
    return tf.cast(tf.gather(tf.convert_to_tensor(layer.embeddings), ids), layer.compute_dtype)
