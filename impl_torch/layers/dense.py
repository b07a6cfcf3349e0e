"""Fully connected layers with the initial weights of the contract."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import nn


def dense(
    fan_in: int,
    fan_out: int,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> nn.Linear:
    """z = x W + b with W ~ U(±√(6 / (in + out))) and b = 0.

    Drawn on the CPU in float64, so that the seed alone decides, whatever the device and the dtype.

    Source: Glorot & Bengio 2010, eq. 16.
    """
    # skip_init: the constructor would draw from the global generator. It does not know that None means the default device.
    device = torch.get_default_device() if device is None else device
    layer = cast(nn.Linear, nn.utils.skip_init(nn.Linear, fan_in, fan_out, dtype=dtype, device=device))
    limit = math.sqrt(6.0 / (fan_in + fan_out))
    weight = torch.empty(fan_out, fan_in, dtype=torch.float64, device="cpu").uniform_(-limit, limit, generator=generator)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.zero_()
    return layer
