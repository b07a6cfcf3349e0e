"""Adam: adaptive moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from impl_tf.training.learning_rate import ConstantRate


@keras.saving.register_keras_serializable(package="impl_tf")
class Adam(keras.optimizers.Adam):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η m̂ / (√v̂ + ε), with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    Keras' own Adam adds ε to √v, before the bias correction of v; this one adds it after. Arguments and defaults, ε = 1e-7 among
    them, are those of Keras.

    Source: Kingma & Ba 2015, algorithm 1.
    """

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[keras.Variable] | None = None) -> None:
        # Once a step, not once a variable; and in float64, for in float32 1 − 0.999 keeps five digits.
        steps = tf.cast(self.iterations + 1, tf.float64)
        self._corrections = tuple(1.0 - tf.pow(tf.constant(beta, tf.float64), steps) for beta in (self.beta_1, self.beta_2))
        super().apply(grads, trainable_variables)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        dtype = tf.as_dtype(variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index].value, self._velocities[index].value
        gradient = tf.cast(gradient, dtype)
        self.assign_add(m, (gradient - m) * tf.constant(1.0 - self.beta_1, dtype))
        self.assign_add(v, (tf.square(gradient) - v) * tf.constant(1.0 - self.beta_2, dtype))
        if self.amsgrad:
            highest = self._velocity_hats[index].value
            self.assign(highest, tf.maximum(highest, v))
            v = highest
        of_m, of_v = self._corrections
        rate = tf.cast(tf.cast(learning_rate, tf.float64) / of_m, dtype)
        root = tf.sqrt(v) / tf.cast(tf.sqrt(of_v), dtype)
        self.assign_sub(variable, rate * m / (root + tf.constant(self.epsilon, dtype)))


def adam(learning_rate: float) -> Adam:
    """The canonical Adam."""
    return Adam(learning_rate=ConstantRate(learning_rate))
