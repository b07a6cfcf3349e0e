"""Optimisers that divide by the size of past gradients: AdaGrad and RMSProp. Adam has a file of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reference.specification import Array

EPSILON = 1e-7
RHO = 0.9


def adagrad(
    parameter: Array, gradient: Array, state: Mapping[str, Array] | None, learning_rate: float
) -> tuple[Array, Mapping[str, Array]]:
    """s ← s + g², w ← w − η g / (√s + ε), with ε = 1e-7. The first state is None, that is s = 0.

    Source: lecture notes 004; Duchi, Hazan & Singer 2011.
    """
    squares = (state["squares"] if state else np.zeros_like(parameter)) + gradient * gradient
    return parameter - learning_rate * gradient / (np.sqrt(squares) + EPSILON), {"squares": squares}


def rmsprop(
    parameter: Array, gradient: Array, state: Mapping[str, Array] | None, learning_rate: float
) -> tuple[Array, Mapping[str, Array]]:
    """s ← ρ s + (1−ρ) g², w ← w − η g / (√s + ε), with ρ = 0.9 and ε = 1e-7. The first state is None, that is s = 0.

    Source: lecture notes 004; Tieleman & Hinton 2012.
    """
    squares = RHO * (state["squares"] if state else np.zeros_like(parameter)) + (1 - RHO) * gradient * gradient
    return parameter - learning_rate * gradient / (np.sqrt(squares) + EPSILON), {"squares": squares}
