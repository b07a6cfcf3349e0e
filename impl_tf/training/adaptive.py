"""Optimisers that divide by the size of past gradients: AdaGrad and RMSProp. Adam has a file of its own."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from impl_tf.training.sgd import ConstantRate


@keras.saving.register_keras_serializable(package="impl_tf")
class Adagrad(keras.optimizers.Adagrad):
    """s ← s + g², w ← w − η g / (√s + ε), from s = 0.

    Keras' own starts at s = 0.1 and adds ε inside the root. Arguments are those of Keras.

    Source: Duchi, Hazan & Singer 2011.
    """

    def __init__(self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.0, **options: Any) -> None:
        super().__init__(learning_rate=learning_rate, initial_accumulator_value=initial_accumulator_value, **options)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        dtype = tf.as_dtype(variable.dtype)
        tf.raw_ops.ResourceApplyAdagradV2(
            var=variable.handle,
            accum=self._accumulators[self._get_variable_index(variable)].value.handle,
            lr=tf.cast(learning_rate, dtype),
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(tf.convert_to_tensor(gradient), dtype),
        )


@keras.saving.register_keras_serializable(package="impl_tf")
class RMSprop(keras.optimizers.RMSprop):
    """s ← ρ s + (1−ρ) g², w ← w − η g / (√s + ε), with ρ = 0.9, from s = 0.

    Keras' own adds ε inside the root. Arguments are those of Keras, but for `momentum` and `centered`, which this one has not.

    Source: Tieleman & Hinton 2012.
    """

    def __init__(self, learning_rate: Any = 0.001, rho: float = 0.9, epsilon: float = 1e-7, **options: Any) -> None:
        for name in ("momentum", "centered"):
            if options.get(name):
                raise ValueError(f"{name}: expected none in the canonical RMSprop, got {options[name]!r}")
        super().__init__(learning_rate=learning_rate, rho=rho, epsilon=epsilon, **options)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        dtype = tf.as_dtype(variable.dtype)
        squares = self._velocities[self._get_variable_index(variable)].value
        gradient = tf.cast(tf.convert_to_tensor(gradient), dtype)
        squares.assign_add((tf.square(gradient) - squares) * tf.constant(1.0 - self.rho, dtype))
        step = tf.cast(learning_rate, dtype) * gradient / (tf.sqrt(squares) + tf.constant(self.epsilon, dtype))
        variable.assign_sub(step)


def adagrad(learning_rate: float) -> Adagrad:
    """The canonical AdaGrad."""
    return Adagrad(learning_rate=ConstantRate(learning_rate))


def rmsprop(learning_rate: float) -> RMSprop:
    """The canonical RMSProp."""
    return RMSprop(learning_rate=ConstantRate(learning_rate))
