"""Gradient descent with momentum, classical and Nesterov's."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from impl_tf.training.sgd import ConstantRate

MOMENTUM = 0.9


@keras.saving.register_keras_serializable(package="impl_tf")
class Momentum(keras.optimizers.SGD):
    """v ← μ v − η g, then w ← w + v, or with `nesterov` w ← w + μ v − η g.

    In float64 Keras' own takes μ for a number of single precision; this one does not. Arguments are those of Keras, μ not zero.

    Source: Polyak 1964; Sutskever et al. 2013, in the form that evaluates the gradient at the current parameters.
    """

    def __init__(self, learning_rate: Any = 0.01, momentum: float = MOMENTUM, **options: Any) -> None:
        if not momentum:
            raise ValueError(f"momentum: expected more than 0, got {momentum!r}")
        super().__init__(learning_rate=learning_rate, momentum=momentum, **options)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        dtype, velocity = tf.as_dtype(variable.dtype), self.momentums[self._get_variable_index(variable)].value
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=velocity.handle,
            lr=tf.cast(learning_rate, dtype),
            grad=tf.cast(tf.convert_to_tensor(gradient), dtype),
            momentum=tf.constant(self.momentum, dtype),
            use_nesterov=self.nesterov,
        )


def momentum(learning_rate: float) -> Momentum:
    """v ← μ v − η g, w ← w + v, with μ = 0.9."""
    return Momentum(learning_rate=ConstantRate(learning_rate))


def nesterov(learning_rate: float) -> Momentum:
    """v ← μ v − η g, w ← w + μ v − η g, with μ = 0.9."""
    return Momentum(learning_rate=ConstantRate(learning_rate), nesterov=True)
