"""Optimisers by name, each a function of the learning rate, and what they hold after a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import keras

from impl_tf.training.adam import Adam, adam
from impl_tf.training.adaptive import Adagrad, RMSprop, adagrad, rmsprop
from impl_tf.training.momentum import Momentum, momentum, nesterov
from impl_tf.training.sgd import sgd

OPTIMIZERS: Mapping[str, Callable[[float], keras.optimizers.Optimizer]] = MappingProxyType(
    {"sgd": sgd, "momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}
)

_QUANTITIES: Mapping[type, Mapping[str, str]] = MappingProxyType(
    {
        keras.optimizers.SGD: {},
        Momentum: {"velocity": "momentums"},
        Adagrad: {"squares": "_accumulators"},
        RMSprop: {"squares": "_velocities"},
        Adam: {"m": "_momentums", "v": "_velocities"},
    }
)


def quantities(optimizer: keras.optimizers.Optimizer) -> dict[str, Sequence[keras.Variable]]:
    """What one of `OPTIMIZERS` holds, by canonical name, each a variable a parameter; empty before the first step."""
    names = _QUANTITIES[type(optimizer)]
    return {name: getattr(optimizer, attribute) for name, attribute in names.items()} if optimizer.built else {}


__all__ = [
    "OPTIMIZERS",
    "Adagrad",
    "Adam",
    "Momentum",
    "RMSprop",
    "adagrad",
    "adam",
    "momentum",
    "nesterov",
    "quantities",
    "rmsprop",
    "sgd",
]
