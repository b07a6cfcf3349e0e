"""Stochastic gradient descent."""

from __future__ import annotations

import keras

from impl_tf.training.learning_rate import ConstantRate


def sgd(learning_rate: float) -> keras.optimizers.SGD:
    """w ← w − η g. Without momentum."""
    return keras.optimizers.SGD(learning_rate=ConstantRate(learning_rate))
