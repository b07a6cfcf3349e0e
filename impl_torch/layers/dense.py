"""Fully connected layers with the initial weights of the contract."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional


def glorot_uniform(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    """U(±√(6 / (in + out))), for a canonical shape (in, out); a kernel (K, in, out) counts K times on both sides.

    Drawn on the CPU in float64, so that the seed alone decides, whatever the device and the dtype.

    Source: Glorot & Bengio 2010, eq. 16.
    """
    *field, fan_in, fan_out = shape
    limit = math.sqrt(6.0 / (math.prod(field) * (fan_in + fan_out)))
    return torch.empty(*shape, dtype=torch.float64, device="cpu").uniform_(-limit, limit, generator=generator)


def dense(
    fan_in: int,
    fan_out: int,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> nn.Linear:
    """z = x W + b with W ~ U(±√(6 / (in + out))) and b = 0."""
    # skip_init: the constructor would draw from the global generator. It does not know that None means the default device.
    device = torch.get_default_device() if device is None else device
    layer = cast(nn.Linear, nn.utils.skip_init(nn.Linear, fan_in, fan_out, dtype=dtype, device=device))
    with torch.no_grad():
        layer.weight.copy_(glorot_uniform((fan_in, fan_out), generator).T)
        layer.bias.zero_()
    return layer


class TransposedDense(nn.Module):
    """z = x Wᵀ + b, for the W of another layer: only b is a parameter, zero at first."""

    def __init__(self, fan_out: int, dtype: torch.dtype | None = None, device: torch.device | str | None = None) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(fan_out, dtype=dtype, device=device))

    def forward(self, x: Tensor, of: nn.Linear) -> Tensor:
        # nn.Linear keeps Wᵀ, so its transpose is what F.linear wants here.
        return functional.linear(x, of.weight.T, self.bias)
