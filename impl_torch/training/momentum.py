"""Gradient descent with momentum, classical and Nesterov's."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, optim

MOMENTUM = 0.9


def momentum(parameters: Iterable[Tensor], learning_rate: float) -> optim.SGD:
    """v ← μ v − η g, w ← w + v, with μ = 0.9. PyTorch keeps b ← μ b + g and steps by −η b, so v = −η b.

    Source: lecture notes 004; Polyak 1964.
    """
    return optim.SGD(parameters, lr=learning_rate, momentum=MOMENTUM)


def nesterov(parameters: Iterable[Tensor], learning_rate: float) -> optim.SGD:
    """v ← μ v − η g, w ← w + μ v − η g: the gradient is taken at w, the step looks one velocity ahead.

    Source: lecture notes 004; Sutskever et al. 2013, in the form that evaluates the gradient at the current parameters.
    """
    return optim.SGD(parameters, lr=learning_rate, momentum=MOMENTUM, nesterov=True)
