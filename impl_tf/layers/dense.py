"""Fully connected layers with the initial weights of the contract."""

from __future__ import annotations

from typing import Any

import keras


def dense(fan_in: int, fan_out: int, seed: int, name: str, dtype: Any) -> keras.layers.Dense:
    """z = x W + b, built at once, with W ~ U(±√(6 / (in + out))) decided by `seed` alone, and b = 0.

    Without activation: the model applies it, so that the logits can be had.
    """
    layer = keras.layers.Dense(fan_out, kernel_initializer=keras.initializers.GlorotUniform(seed=seed), name=name, dtype=dtype)
    layer.build((None, fan_in))
    return layer
