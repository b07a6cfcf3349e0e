"""The embedding: row i of a table for id i."""

from __future__ import annotations

import torch
from torch import nn


def embedding(
    count: int,
    width: int,
    limit: float,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> nn.Embedding:
    """A table (count, width), initially U(±limit). Padding has a row like every other id, and it learns."""
    dtype = torch.get_default_dtype() if dtype is None else dtype
    device = torch.get_default_device() if device is None else device
    # Drawn on the CPU in float64, so that the seed alone decides, whatever the device and the dtype.
    table = torch.empty(count, width, dtype=torch.float64, device="cpu").uniform_(-limit, limit, generator=generator)
    return nn.Embedding.from_pretrained(table.to(dtype=dtype, device=device), freeze=False)
