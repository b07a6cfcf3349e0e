"""Gradient descent with momentum, classical and Nesterov's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reference.specification import Array

MOMENTUM = 0.9


def momentum(
    parameter: Array, gradient: Array, state: Mapping[str, Array] | None, learning_rate: float
) -> tuple[Array, Mapping[str, Array]]:
    """v ← μ v − η g, w ← w + v, with μ = 0.9. The first state is None, that is v = 0.

    Source: lecture notes 004; Polyak 1964.
    """
    velocity = MOMENTUM * (state["velocity"] if state else np.zeros_like(parameter)) - learning_rate * gradient
    return parameter + velocity, {"velocity": velocity}


def nesterov(
    parameter: Array, gradient: Array, state: Mapping[str, Array] | None, learning_rate: float
) -> tuple[Array, Mapping[str, Array]]:
    """v ← μ v − η g, w ← w + μ v − η g: the gradient is taken at w, the step looks one velocity ahead.

    Source: lecture notes 004; Sutskever et al. 2013, in the form that evaluates the gradient at the current parameters.
    """
    velocity = MOMENTUM * (state["velocity"] if state else np.zeros_like(parameter)) - learning_rate * gradient
    return parameter + MOMENTUM * velocity - learning_rate * gradient, {"velocity": velocity}
