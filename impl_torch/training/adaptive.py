"""Optimisers that divide by the size of past gradients: AdaGrad and RMSProp. Adam has a file of its own."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, optim

EPSILON = 1e-7
RHO = 0.9


def adagrad(parameters: Iterable[Tensor], learning_rate: float) -> optim.Adagrad:
    """s ← s + g², w ← w − η g / (√s + ε), with ε = 1e-7 and s = 0 at first. PyTorch's own ε is 1e-10.

    Source: lecture notes 004; Duchi, Hazan & Singer 2011.
    """
    return optim.Adagrad(parameters, lr=learning_rate, eps=EPSILON)


def rmsprop(parameters: Iterable[Tensor], learning_rate: float) -> optim.RMSprop:
    """s ← ρ s + (1−ρ) g², w ← w − η g / (√s + ε), with ρ = 0.9 and ε = 1e-7. PyTorch's own are 0.99 and 1e-8.

    Source: lecture notes 004; Tieleman & Hinton 2012.
    """
    return optim.RMSprop(parameters, lr=learning_rate, alpha=RHO, eps=EPSILON)
