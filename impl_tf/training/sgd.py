"""Stochastic gradient descent, and the learning rate that all optimisers here are given."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="impl_tf")
class ConstantRate(keras.optimizers.schedules.LearningRateSchedule):
    """The same rate at every step, in float64. A plain number would become a variable of `floatx`, so lose digits in float64."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> tf.Tensor:
        return tf.constant(self.rate, tf.float64)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate}


def sgd(learning_rate: float) -> keras.optimizers.SGD:
    """w ← w − η g. Without momentum."""
    return keras.optimizers.SGD(learning_rate=ConstantRate(learning_rate))
