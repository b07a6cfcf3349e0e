"""Optimisers by name, each a function of the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import keras

from impl_tf.training.adam import Adam, adam
from impl_tf.training.sgd import sgd

OPTIMIZERS: Mapping[str, Callable[[float], keras.optimizers.Optimizer]] = MappingProxyType({"sgd": sgd, "adam": adam})

__all__ = ["OPTIMIZERS", "Adam", "adam", "sgd"]
