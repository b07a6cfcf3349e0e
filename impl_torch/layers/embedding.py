"""The embedding: row i of a table for id i."""

from __future__ import annotations

import torch
from torch import nn

from impl_torch.layers.initial import uniform

LIMIT = 0.05


def embedding(
    count: int,
    dimensions: int,
    generator: torch.Generator,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> nn.Embedding:
    """A table (count, dimensions), initially U(±0.05). Padding has a row like every other id, and it learns."""
    dtype = torch.get_default_dtype() if dtype is None else dtype
    device = torch.get_default_device() if device is None else device
    table = uniform((count, dimensions), LIMIT, generator).to(dtype=dtype, device=device)
    return nn.Embedding.from_pretrained(table, freeze=False)
