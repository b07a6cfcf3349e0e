"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Mapping

from reference.specification import Array


def sgd(
    parameter: Array, gradient: Array, state: Mapping[str, Array] | None, learning_rate: float
) -> tuple[Array, Mapping[str, Array]]:
    """w ← w − η g. Keeps no state.

    Source: lecture notes 004.
    """
    return parameter - learning_rate * gradient, {}
