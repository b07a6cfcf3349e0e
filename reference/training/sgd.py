"""Stochastic gradient descent."""

from __future__ import annotations

from reference.specification import Array


def sgd(parameter: Array, gradient: Array, state: None, learning_rate: float) -> tuple[Array, None]:
    """w ← w − η g. Without state.

    Source: lecture notes 004.
    """
    return parameter - learning_rate * gradient, state
