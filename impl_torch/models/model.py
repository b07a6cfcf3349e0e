"""What every full model offers: a parameter table, named activations, loss terms, gradients, training steps, weights in a file."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from impl_torch.arguments import floating_tensor, same_device, whole_number
from impl_torch.models import weights as weights_file
from impl_torch.models.weights import Entry
from impl_torch.training.fit import fit
from impl_torch.training.steps import finite, training

Named = dict[str, Tensor]


class Model(nn.Module, ABC):
    """An `nn.Module` whose parameters have canonical names and layouts, weight matrices as (in, out).

    A batch is a set of named tensors; every method that takes one takes them as its arguments.

    `gradients`, `training_steps` and `fit` call `self.loss_terms`, so that `model.loss_terms = torch.compile(model.loss_terms)`
    compiles them too. An ordinary loop works as well: `forward` gives what a loss of one's own needs, `loss_terms(...)["total"]`
    can be sent `backward`.

    `optimizer_state` is what the optimiser held after the last training, "parameter/quantity" -> array in the canonical layout.
    """

    optimizer_state: dict[str, np.ndarray]

    def __init__(self) -> None:
        super().__init__()
        self.optimizer_state = {}

    def parameter_table(self) -> dict[str, Entry]:
        """Canonical names in order, each with its parameter and layout. Made anew a call: `.to` may replace parameters."""
        # Models of dense layers alone: their parameters bear the canonical names already. nn.Linear keeps (out, in).
        return {name: Entry(value, (1, 0) if value.dim() == 2 else (0,)) for name, value in self.named_parameters()}

    @abstractmethod
    def activations(self, *args: Any, **batch: Any) -> Named:
        """Every intermediate result by name, in the order of computation."""

    @abstractmethod
    def inference(self, *args: Any, **batch: Any) -> Named:
        """What the model says of a batch when it is used, not trained: without noise, sampling or labels."""

    @abstractmethod
    def loss_terms(self, *args: Any, **batch: Any) -> Named:
        """The terms of the loss by name, their sum last as `total`."""

    @property
    def trainable_names(self) -> tuple[str, ...]:
        """Names of the parameters that training changes: those that are not frozen and that `gradients` returns."""
        return tuple(name for name, entry in self.parameter_table().items() if entry.parameter.requires_grad)

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return sum(entry.parameter.numel() for entry in self.parameter_table().values())

    def gradients(self, *args: Any, **batch: Any) -> Named:
        """∂total/∂parameter by canonical name, for every parameter that is not frozen."""
        table = {name: entry for name, entry in self.parameter_table().items() if entry.parameter.requires_grad}
        if not table:
            return {}
        with torch.enable_grad():
            total = self.loss_terms(*args, **batch)["total"]
            gradients = torch.autograd.grad(total, [entry.parameter for entry in table.values()])
        return {name: entry.canonical(gradient) for (name, entry), gradient in zip(table.items(), gradients, strict=True)}

    def training_steps(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[float]:
        """Take one optimiser step a batch, changing the weights; return the total loss before each step.

        The optimiser starts afresh in every call; what it holds after the last step is in `optimizer_state`. The model is in
        training mode for the time, so what noise a batch lacks is drawn.

        Raises:
            ValueError: unknown optimiser, a learning rate that is not positive, or no parameter that is not frozen; NaN or infinity
                in a batch, before its step.
        """
        with training(self, optimizer, learning_rate) as step:
            losses = [step(**finite(i, batch)) for i, batch in enumerate(batches)]
        # Read at the end, so that no step waits for the device.
        return torch.stack(losses).tolist() if losses else []

    def fit(
        self,
        data: Any,
        epochs: int = 1,
        batch_size: int = 64,
        optimizer: str = "adam",
        learning_rate: float = 1e-3,
        *,
        shuffle: bool = True,
        seed: int = 0,
        progress: bool = True,
    ) -> list[float]:
        """Train over epochs; return the mean loss of each. See `impl_torch.training.fit.fit`."""
        return fit(self, data, epochs, batch_size, optimizer, learning_rate, shuffle=shuffle, seed=seed, progress=progress)

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

    def _any_parameter(self) -> Tensor:
        """A parameter, for its dtype and device."""
        return next(self.parameters())

    def _rows(self, name: str, value: Any, width: int) -> None:
        """Refuse what is not (B, width) in the dtype and on the device of the model."""
        floating_tensor(name, value, rank=2)
        if value.shape[1] != width:
            raise ValueError(f"{name}: expected shape (B, {width}), got {tuple(value.shape)}")
        parameter = self._any_parameter()
        if value.dtype != parameter.dtype:
            raise TypeError(f"{name}: expected the dtype of the model, {parameter.dtype}, got {value.dtype}")
        same_device(name, value, parameter)


def generator(seed: Any, dtype: torch.dtype | None) -> torch.Generator:
    """The source of a model's initial weights. PyTorch's global generator is neither read nor moved."""
    if dtype is not None and not dtype.is_floating_point:
        raise TypeError(f"dtype: expected a floating-point dtype, got {dtype}")
    return torch.Generator().manual_seed(whole_number("seed", seed, least=0))
