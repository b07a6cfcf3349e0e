"""Optimiser steps on a model: what `training_steps` and `fit` have in common."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn, optim

from impl_torch.arguments import number_between, one_of, refuse_non_finite
from impl_torch.training import OPTIMIZERS, quantities

if TYPE_CHECKING:
    from impl_torch.models.model import Model

Step = Callable[..., Tensor]


@contextlib.contextmanager
def training(model: Model, optimizer: str, learning_rate: float) -> Iterator[Step]:
    """A function that takes one optimiser step on the batch it is given and returns the loss before it, still on the device.

    The optimiser starts afresh. Within, the model is in training mode; afterwards, also after an error or Ctrl-C, it is as before,
    without gradients in its parameters, and `model.optimizer_state` tells what the optimiser holds.

    Raises:
        ValueError: unknown optimiser, a learning rate that is not positive, or nothing to train.
    """
    build = OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]
    learning_rate = number_between("learning_rate", learning_rate, 0.0, math.inf)
    parameters = [entry.parameter for entry in model.parameter_table().values() if entry.parameter.requires_grad]
    if not parameters:
        raise ValueError("model: expected at least one parameter that is not frozen, got none")
    stepper = build(parameters, learning_rate)

    def step(*args: object, **batch: object) -> Tensor:
        # Before the forward pass: gradients that stand in the parameters would be added to, and their memory can be used again.
        # By hand: `zero_grad` and what it records for profilers take longer than a small layer.
        for parameter in parameters:
            parameter.grad = None
        with torch.enable_grad():
            total = model.loss_terms(*args, **batch)["total"]
            # A batch that asks for gradients is left without them. Naming the parameters always would cost time, and so does
            # autograd.grad, whose gradients lack the memory layout of their parameters.
            asking = [value for value in (*args, *batch.values()) if isinstance(value, Tensor) and value.requires_grad]
            total.backward(inputs=parameters if asking else None)
        stepper.step()
        return total.detach()

    try:
        with _training_mode(model):
            yield step
    finally:
        stepper.zero_grad(set_to_none=True)
        model.optimizer_state = _state(model, stepper)


def finite(position: int, batch: Mapping[str, Any]) -> Mapping[str, Any]:
    """The batch, after refusing NaN and infinity. Right before its step: then the numbers are near, and reading them costs little."""
    for name, value in batch.items():
        if isinstance(value, Tensor):
            refuse_non_finite(f"batches[{position}][{name!r}]", value)
    return batch


@contextlib.contextmanager
def _training_mode(model: nn.Module) -> Iterator[None]:
    """Training mode, for a model that is in evaluation mode; every part has its own mode back afterwards."""
    if model.training:
        yield
        return
    modes = {module: module.training for module in model.modules()}
    model.train()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _state(model: Model, stepper: optim.Optimizer) -> dict[str, np.ndarray]:
    """Copies under "parameter/quantity", in the canonical layout."""
    return {
        f"{name}/{quantity}": entry.exported(value).numpy()
        for name, entry in model.parameter_table().items()
        for quantity, value in quantities(stepper, entry.parameter).items()
    }
