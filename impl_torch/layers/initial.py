"""Initial weights. Drawn on the CPU in float64, so that the seed alone decides, whatever the device and the dtype."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def uniform(shape: Sequence[int], limit: float, generator: torch.Generator) -> Tensor:
    """U(±limit)."""
    return torch.empty(*shape, dtype=torch.float64, device="cpu").uniform_(-limit, limit, generator=generator)


def glorot_uniform(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    """U(±√(6 / (in + out))), for a canonical shape (in, out); a kernel (K, in, out) counts K times on both sides.

    Source: Glorot & Bengio 2010, eq. 16.
    """
    *field, fan_in, fan_out = shape
    return uniform(shape, math.sqrt(6.0 / (math.prod(field) * (fan_in + fan_out))), generator)
