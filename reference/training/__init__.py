"""Optimisers, each one pure step: (parameter, gradient, state, learning rate) -> (parameter, state).

A state is a mapping from the names of the optimiser's quantities to arrays of the parameter's shape; the first is None, all zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from reference.specification import Array
from reference.training.adam import adam
from reference.training.adaptive import adagrad, rmsprop
from reference.training.momentum import momentum, nesterov
from reference.training.sgd import sgd

State = Mapping[str, Array]
Step = Callable[[Array, Array, State | None, float], tuple[Array, State]]

OPTIMIZERS: Mapping[str, Step] = MappingProxyType(
    {"sgd": sgd, "momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}
)

__all__ = ["OPTIMIZERS", "State", "Step", "adagrad", "adam", "momentum", "nesterov", "rmsprop", "sgd"]
