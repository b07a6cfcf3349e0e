"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn, optim


def sgd(parameters: Iterable[nn.Parameter], learning_rate: float) -> optim.SGD:
    """w ← w − η g. Without momentum."""
    return optim.SGD(parameters, lr=learning_rate)
