"""Optimisers by name, each a function of the parameters and the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from torch import nn, optim

from impl_torch.training.adam import adam
from impl_torch.training.sgd import sgd

OPTIMIZERS: Mapping[str, Callable[[Iterable[nn.Parameter], float], optim.Optimizer]] = MappingProxyType({"sgd": sgd, "adam": adam})

__all__ = ["OPTIMIZERS", "adam", "sgd"]
