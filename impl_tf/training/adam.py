"""Adam: adaptive moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from impl_tf.training.sgd import ConstantRate


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
        self._scalars: dict[tf.DType, tuple[tf.Tensor, ...]] = {}
        super().apply(grads, trainable_variables)

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        dtype, index = tf.as_dtype(variable.dtype), self._get_variable_index(variable)
        if dtype not in self._scalars:
            self._scalars[dtype] = self._scalars_in(dtype, learning_rate)
        rate, epsilon, of_m, of_v = self._scalars[dtype]
        m, v = self._momentums[index].value, self._velocities[index].value
        gradient = tf.cast(tf.convert_to_tensor(gradient), dtype)
        m.assign_add((gradient - m) * of_m)
        v.assign_add((tf.square(gradient) - v) * of_v)
        if self.amsgrad:
            highest = self._velocity_hats[index].value
            highest.assign(tf.maximum(highest, v))
            v = highest
        variable.assign_sub(rate * m / (tf.sqrt(v) + epsilon))

    def _scalars_in(self, dtype: tf.DType, learning_rate: Any) -> tuple[tf.Tensor, ...]:
        """η√(1−β₂ᵗ)/(1−β₁ᵗ) and ε√(1−β₂ᵗ), with which m̂ and v̂ need no tensors of their own; 1−β₁; 1−β₂."""
        of_m, of_v = self._corrections
        root = tf.sqrt(of_v)
        rate = tf.cast(tf.cast(learning_rate, tf.float64) * root / of_m, dtype)
        rests = (tf.constant(1.0 - beta, dtype) for beta in (self.beta_1, self.beta_2))
        return rate, tf.cast(self.epsilon * root, dtype), *rests


def adam(learning_rate: float) -> Adam:
    """The canonical Adam."""
    return Adam(learning_rate=ConstantRate(learning_rate))
