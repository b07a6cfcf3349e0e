"""Adam: adaptive moments."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, optim


def adam(parameters: Iterable[Tensor], learning_rate: float) -> optim.Adam:
    """w ← w − η m̂ / (√v̂ + ε), ε = 1e-7 added after the bias correction. PyTorch's own default is 1e-8.

    On a CPU every parameter in one pass: the same formula in a quarter of the time. On CUDA that pass takes 1 − β₂ of a β₂ that it has
    rounded to float32, and makes every v 1.3e-5 too small (since PyTorch 2.8, pytorch/pytorch#154069).

    Source: Kingma & Ba 2015, algorithm 1.
    """
    parameters = list(parameters)
    fused = all(parameter.device.type == "cpu" for parameter in parameters)
    return optim.Adam(parameters, lr=learning_rate, betas=(0.9, 0.999), eps=1e-7, fused=fused or None)
