"""What every full model offers: a parameter table, named activations, loss terms, gradients, training steps, weights in a file."""

from __future__ import annotations

import contextlib
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn, optim

from impl_torch.arguments import floating_tensor, number_between, one_of, refuse_non_finite, same_device, whole_number
from impl_torch.models import weights as weights_file
from impl_torch.models.weights import Entry
from impl_torch.training import OPTIMIZERS, quantities
from impl_torch.training.fit import Step, fit, numbers

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
        return tuple(self._learned())

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return sum(entry.parameter.numel() for entry in self.parameter_table().values())

    def gradients(self, *args: Any, **batch: Any) -> Named:
        """∂total/∂parameter by canonical name, for every parameter that is not frozen."""
        table = self._learned()
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
        losses = []
        with self._stepping(optimizer, learning_rate) as step:
            for position, batch in enumerate(batches):
                # Right before its step: then the numbers are near, and reading them costs little.
                for name, value in batch.items():
                    if isinstance(value, Tensor):
                        refuse_non_finite(f"batches[{position}][{name!r}]", value)
                losses.append(step(**batch))
        # Read at the end, so that no step waits for the device.
        return numbers(losses)

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
        """Train over epochs; return the mean loss of each. See `impl_torch.training.fit.fit`.

        Optimiser and learning rate are as in `training_steps`, and so is the mode: noise that the data lack is drawn.
        """
        stepping, parameter = self._stepping(optimizer, learning_rate), next(self.parameters())
        return fit(stepping, parameter, data, epochs, batch_size, shuffle=shuffle, seed=seed, progress=progress)

    def export_weights(self) -> dict[str, np.ndarray]:
        """A copy of the weights under their canonical names, in the model's dtype; bfloat16 as float32. NaN from the meta device."""
        return {name: value.numpy() for name, value in weights_file.exported(self.parameter_table()).items()}

    def import_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Replace all weights; refuses missing, extra, misshapen and non-finite entries, and then changes nothing."""
        self._replace(weights, "weights")

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the weights to a safetensors file, atomically; refuses a model on the meta device, which has none."""
        if any(parameter.is_meta for parameter in self.parameters()):
            raise ValueError("model: expected parameters that hold numbers, got some on the meta device")
        weights_file.save(path, weights_file.exported(self.parameter_table()))

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Read the weights from a safetensors file of any of the packages; on an error nothing changes."""
        self._replace(weights_file.load(path), os.fspath(path))

    def _learned(self) -> dict[str, Entry]:
        return {name: entry for name, entry in self.parameter_table().items() if entry.parameter.requires_grad}

    @contextlib.contextmanager
    def _stepping(self, optimizer: str, learning_rate: float) -> Iterator[Step]:
        """A function that takes one optimiser step on the batch it is given and returns the loss before it, still on the device.

        The optimiser starts afresh. Within, the model is in training mode; afterwards, also after an error or Ctrl-C, it is as before,
        without gradients in its parameters, and `optimizer_state` tells what the optimiser holds.

        Raises:
            ValueError: unknown optimiser, a learning rate that is not positive, or nothing to train.
        """
        build = OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]
        learning_rate = number_between("learning_rate", learning_rate, 0.0, math.inf)
        parameters = [entry.parameter for entry in self._learned().values()]
        if not parameters:
            raise ValueError("model: expected at least one parameter that is not frozen, got none")
        stepper = build(parameters, learning_rate)

        def step(*args: object, **batch: object) -> Tensor:
            # Before the forward pass: gradients that stand in the parameters would be added to, and their memory can be used again.
            # By hand: `zero_grad` and what it records for profilers take longer than a small layer.
            for parameter in parameters:
                parameter.grad = None
            with torch.enable_grad():
                total = self.loss_terms(*args, **batch)["total"]
                # A batch that asks for gradients is left without them. Naming the parameters always would cost time, and so does
                # autograd.grad, whose gradients lack the memory layout of their parameters.
                asking = [value for value in (*args, *batch.values()) if isinstance(value, Tensor) and value.requires_grad]
                total.backward(inputs=parameters if asking else None)
            stepper.step()
            return total.detach()

        try:
            with _training_mode(self):
                yield step
        finally:
            stepper.zero_grad(set_to_none=True)
            self.optimizer_state = _state(self.parameter_table(), stepper)

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


def _state(table: weights_file.Table, stepper: optim.Optimizer) -> dict[str, np.ndarray]:
    """Copies of what the optimiser holds under "parameter/quantity", in the canonical layout."""
    return {
        f"{name}/{quantity}": entry.exported(value).numpy()
        for name, entry in table.items()
        for quantity, value in quantities(stepper, entry.parameter).items()
    }


def generator(seed: Any, dtype: torch.dtype | None) -> torch.Generator:
    """The source of a model's initial weights. PyTorch's global generator is neither read nor moved."""
    if dtype is not None and not dtype.is_floating_point:
        raise TypeError(f"dtype: expected a floating-point dtype, got {dtype}")
    return torch.Generator().manual_seed(whole_number("seed", seed, least=0))
