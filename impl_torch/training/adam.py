"""Adam: adaptive moments."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, optim


def adam(parameters: Iterable[Tensor], learning_rate: float) -> optim.Adam:
    """w ← w − η m̂ / (√v̂ + ε), ε = 1e-7 added after the bias correction. PyTorch's own default is 1e-8.

    Source: Kingma & Ba 2015, algorithm 1.
    """
    return optim.Adam(parameters, lr=learning_rate, betas=(0.9, 0.999), eps=1e-7)
