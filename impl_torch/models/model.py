"""What every full model offers: a parameter table, named activations, loss terms, gradients, training steps, weights in a file."""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from impl_torch.arguments import floating_tensor, number_between, one_of
from impl_torch.models import weights as weights_file
from impl_torch.models.weights import Entry
from impl_torch.training import OPTIMIZERS

Named = dict[str, Tensor]


class Model(nn.Module, ABC):
    """An `nn.Module` whose parameters have canonical names and layouts, weight matrices as (in, out).

    A batch is a set of named tensors; every method that takes one takes them as its arguments.

    `gradients` and `training_steps` call `self.loss_terms`, so that `model.loss_terms = torch.compile(model.loss_terms)` compiles
    them too.
    """

    @abstractmethod
    def parameter_table(self) -> dict[str, Entry]:
        """Canonical names in order, each with its parameter and layout. Made anew a call: `.to` may replace parameters."""

    @abstractmethod
    def activations(self, *args: Any, **batch: Any) -> Named:
        """Every intermediate result by name, in the order of computation."""

    @abstractmethod
    def loss_terms(self, *args: Any, **batch: Any) -> Named:
        """The terms of the loss by name, their sum last as `total`."""

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return sum(entry.parameter.numel() for entry in self.parameter_table().values())

    def gradients(self, *args: Any, **batch: Any) -> Named:
        """∂total/∂parameter by canonical name, for every parameter that is not frozen."""
        table = {name: entry for name, entry in self.parameter_table().items() if entry.parameter.requires_grad}
        with torch.enable_grad():
            total = self.loss_terms(*args, **batch)["total"]
            gradients = torch.autograd.grad(total, [entry.parameter for entry in table.values()])
        return {name: entry.canonical(gradient) for (name, entry), gradient in zip(table.items(), gradients, strict=True)}

    def training_steps(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[float]:
        """Take one optimiser step a batch, changing the weights; return the total loss before each step.

        Raises:
            ValueError: unknown optimiser, or a learning rate that is not positive.
        """
        build = OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]
        learning_rate = number_between("learning_rate", learning_rate, 0.0, math.inf)
        parameters = [entry.parameter for entry in self.parameter_table().values() if entry.parameter.requires_grad]
        stepper = build(parameters, learning_rate)
        losses = []
        try:
            for batch in batches:
                with torch.enable_grad():
                    total = self.loss_terms(**batch)["total"]
                    gradients = torch.autograd.grad(total, parameters)
                # Not backward(): it would also leave gradients in the batch and add to those that stand in the parameters.
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter.grad = gradient
                stepper.step()
                losses.append(total.detach())
        finally:
            stepper.zero_grad(set_to_none=True)
        # Read at the end, so that no step waits for the device.
        return [float(loss) for loss in losses]

    def export_weights(self) -> dict[str, np.ndarray]:
        """A copy of the weights under their canonical names, in the model's dtype; bfloat16 as float32."""
        return {name: value.numpy() for name, value in weights_file.exported(self.parameter_table()).items()}

    def import_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Replace all weights; refuses missing, extra, misshapen and non-finite entries, and then changes nothing."""
        self._replace(weights, "weights")

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the weights to a safetensors file, atomically."""
        weights_file.save(path, weights_file.exported(self.parameter_table()))

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Read the weights from a safetensors file of any of the packages; on an error nothing changes."""
        self._replace(weights_file.load(path), os.fspath(path))

    def _replace(self, weights: Mapping[str, Any], source: str) -> None:
        table = self.parameter_table()
        values = weights_file.checked(weights, table, source)
        with torch.no_grad():
            for name, entry in table.items():
                entry.parameter.copy_(values[name])

    def _rows(self, name: str, value: Any, width: int) -> None:
        """Refuse what is not (B, width) in the dtype and on the device of the model."""
        floating_tensor(name, value, rank=2)
        if value.shape[1] != width:
            raise ValueError(f"{name}: expected shape (B, {width}), got {tuple(value.shape)}")
        parameter = next(self.parameters())
        if value.dtype != parameter.dtype:
            raise TypeError(f"{name}: expected the dtype of the model, {parameter.dtype}, got {value.dtype}")
        if value.device != parameter.device:
            raise ValueError(f"{name}: expected the device of the model, {parameter.device}, got {value.device}")
