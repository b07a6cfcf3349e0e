"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, optim


def sgd(parameters: Iterable[Tensor], learning_rate: float) -> optim.SGD:
    """w ← w − η g. Without momentum."""
    return optim.SGD(parameters, lr=learning_rate)
