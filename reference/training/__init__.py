"""Optimisers, each one pure step: (parameter, gradient, state, learning rate) -> (parameter, state)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from reference.specification import Array
from reference.training.adam import adam
from reference.training.sgd import sgd

Step = Callable[[Array, Array, Any, float], tuple[Array, Any]]

OPTIMIZERS: Mapping[str, Step] = MappingProxyType({"sgd": sgd, "adam": adam})

__all__ = ["OPTIMIZERS", "Step", "adam", "sgd"]
