"""Optimisers by name, each a function of the parameters and the learning rate, and what each remembers.

PyTorch's own optimisers, where they compute the canonical formula; their state is read back under its canonical names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from torch import Tensor, optim

from impl_torch.training.adam import adam
from impl_torch.training.adaptive import adagrad, rmsprop
from impl_torch.training.momentum import momentum, nesterov
from impl_torch.training.sgd import sgd

OPTIMIZERS: Mapping[str, Callable[[Iterable[Tensor], float], optim.Optimizer]] = MappingProxyType(
    {"sgd": sgd, "momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "adam": adam}
)

# PyTorch's name of a quantity -> the canonical one, in canonical order. A velocity is −η times PyTorch's buffer.
_QUANTITIES: Mapping[str, str] = MappingProxyType(
    {"momentum_buffer": "velocity", "sum": "squares", "square_avg": "squares", "exp_avg": "m", "exp_avg_sq": "v"}
)


def quantities(optimizer: optim.Optimizer, parameter: Tensor) -> dict[str, Tensor]:
    """What an optimiser remembers of a parameter, by canonical name, laid out as the parameter: v, s, or m and v; nothing for SGD."""
    state = optimizer.state.get(parameter, {})
    tensors = {name: state[own].detach() for own, name in _QUANTITIES.items() if state.get(own) is not None}
    if "velocity" in tensors:
        tensors["velocity"] = -optimizer.param_groups[0]["lr"] * tensors["velocity"]
    return tensors


__all__ = ["OPTIMIZERS", "adagrad", "adam", "momentum", "nesterov", "quantities", "rmsprop", "sgd"]
