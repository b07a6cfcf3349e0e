"""Fully connected layers with the initial weights of the contract."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def dense(fan_in: int, fan_out: int, seed: int, name: str, dtype: Any, trainable: bool = True) -> keras.layers.Dense:
    """z = x W + b, built at once, with W ~ U(±√(6 / (in + out))) decided by `seed` alone, and b = 0.

    Without activation: the model applies it, so that the logits can be had.
    """
    initial = keras.initializers.GlorotUniform(seed=seed)
    layer = keras.layers.Dense(fan_out, kernel_initializer=initial, name=name, dtype=dtype, trainable=trainable)
    layer.build((None, fan_in))
    return layer


class TransposedDense(keras.layers.Layer):
    """z = x Wᵀ + b with the matrix W of another layer, (out, in), and a bias of its own, (out,), zero at first."""

    def __init__(self, fan_in: int, fan_out: int, name: str, dtype: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self.bias = self.add_weight(shape=(fan_out,), initializer="zeros", name="bias")
        self.build((None, fan_in))

    def call(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """The matrix is an argument, so that it stays the variable of one layer only."""
        return tf.matmul(inputs, tf.cast(kernel, inputs.dtype), transpose_b=True) + tf.cast(self.bias, inputs.dtype)
