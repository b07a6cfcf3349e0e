"""Activation functions by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor


def linear(z: Tensor) -> Tensor:
    """No activation: z itself."""
    return z


ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "linear": linear}
)
