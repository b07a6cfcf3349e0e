"""One-dimensional convolution over time, and the maximum over time."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def conv1d(inputs: int, filters: int, kernel_size: int, seed: int, name: str, dtype: Any) -> keras.layers.Conv1D:
    """z_t = Σ_k x_{t+k−l} K_k + b, zeros outside, l = ⌊(K−1)/2⌋ of them on the left; (B, T, inputs) to (B, T, filters).

    Built at once; Glorot uniform decided by `seed` alone, b = 0. Without activation: the model applies it.
    """
    initial = keras.initializers.GlorotUniform(seed=seed)
    layer = keras.layers.Conv1D(filters, kernel_size, padding="same", kernel_initializer=initial, name=name, dtype=dtype)
    layer.build((None, None, inputs))
    return layer


@tf.custom_gradient
def global_max_pooling(x: tf.Tensor) -> Any:
    """The largest value over time of every channel: (B, T, F) to (B, F).

    The gradient goes to the first of equals. That of `tf.reduce_max` would be shared among them: the same to every parameter where the
    windows below are the same too, as in a run of one character, but not where different windows meet in one value.
    """

    largest = tf.reduce_max(x, axis=1)

    def gradient(cotangent: tf.Tensor) -> tf.Tensor:
        # Neither `tf.gather`, whose gradient is a scatter, nor `tf.argmax`: both take XLA on a CPU long.
        steps = tf.range(tf.shape(x)[1])[:, None]
        first = tf.reduce_min(tf.where(x == largest[:, None], steps, tf.shape(x)[1]), axis=1, keepdims=True)
        return tf.where(steps == first, cotangent[:, None], tf.zeros_like(x))

    return largest, gradient
