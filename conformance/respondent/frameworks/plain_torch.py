"""A plain `nn.Module` in the place of a class of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn, optim
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from conformance.respondent.plain_models import BETAS, EPSILON, MOMENTUM, RHO, PlainModel, PlainRole, Slot, refuse_unlike
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom

_OPTIMIZERS: Mapping[str, Callable[[list[Tensor], float], optim.Optimizer]] = {
    "sgd": lambda parameters, rate: optim.SGD(parameters, lr=rate),
    "momentum": lambda parameters, rate: optim.SGD(parameters, lr=rate, momentum=MOMENTUM),
    "nesterov": lambda parameters, rate: optim.SGD(parameters, lr=rate, momentum=MOMENTUM, nesterov=True),
    "adagrad": lambda parameters, rate: optim.Adagrad(parameters, lr=rate, eps=EPSILON),
    "rmsprop": lambda parameters, rate: optim.RMSprop(parameters, lr=rate, alpha=RHO, eps=EPSILON),
    "adam": lambda parameters, rate: optim.Adam(parameters, lr=rate, betas=BETAS, eps=EPSILON),
}
# PyTorch's name of what an optimiser holds, and the contract's. A velocity is −η times PyTorch's buffer.
_HELD = {"momentum_buffer": "velocity", "sum": "squares", "square_avg": "squares", "exp_avg": "m", "exp_avg_sq": "v"}
_HEADS = (torch.sigmoid, Tensor.sigmoid, torch.softmax, Tensor.softmax, functional.softmax, functional.sigmoid, torch.special.expit)


class _Heads(TorchFunctionMode):
    """Remembers what sigmoid and softmax were given: a loss from the logits is finite where one from probabilities is not."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[Any, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in _HEADS and args:
            self.pairs.append((result, args[0]))
        return result

    def logits(self, output: Tensor) -> Tensor | None:
        """What became the output; None if it is no sigmoid or softmax."""
        return next((logits for result, logits in self.pairs if result is output), None)


class PlainTorchModel(PlainModel):
    """A module, its parameters in the order of `named_parameters`."""

    def __init__(self, module: nn.Module, role: PlainRole, configuration: Mapping[str, Any], batch: Mapping[str, Tensor]) -> None:
        super().__init__(role, configuration)
        self.module = module
        if any(isinstance(parameter, nn.UninitializedParameter) for parameter in module.parameters()):
            self.answer(batch[role.seen], training=False)  # lazy layers learn their widths from what they see

    def slots(self) -> list[Slot]:
        return [
            Slot(name, axes, tuple(parameter.shape[a] for a in axes), parameter)
            for name, parameter, axes in _parameters(self.module)
        ]

    def put(self, slot: Slot, array: np.ndarray) -> None:
        with torch.no_grad():
            slot.parameter.copy_(torch.from_numpy(array))

    def read(self, slot: Slot) -> np.ndarray:
        return _as_array(slot.parameter)

    def answer(self, batch: Tensor, training: bool) -> Tensor:
        return self._output_and_logits(batch, training)[0]

    def loss_terms(self, **batch: Any) -> dict[str, Tensor]:
        output, logits = self._output_and_logits(batch[self.role.seen], True)
        loss = self._loss(output, logits, batch[self.role.target])
        return {self.role.term: loss, "total": loss}

    def gradients(self, **batch: Any) -> dict[str, Tensor]:
        learned = {name: slot for name, slot in self.table.items() if slot.parameter.requires_grad}
        total = self.loss_terms(**batch)["total"]
        if learned and not total.requires_grad:
            raise NotAnAnswer("its output is cut off from its parameters, so they have no gradient", Symptom.NO_GRADIENT)
        gradients = torch.autograd.grad(total, [slot.parameter for slot in learned.values()], allow_unused=True) if learned else ()
        return {n: _reached(n, g).permute(slot.axes) for (n, slot), g in zip(learned.items(), gradients, strict=True)}

    def training_steps(self, batches: Iterable[Mapping[str, Any]], optimizer: str, learning_rate: float) -> list[float]:
        learned = {name: slot for name, slot in self.table.items() if slot.parameter.requires_grad}
        if not learned:
            raise NotAnAnswer("all its parameters are frozen, so there is nothing to train", Symptom.ALL_FROZEN)
        stepper = _OPTIMIZERS[optimizer]([slot.parameter for slot in learned.values()], learning_rate)
        losses = []
        for batch in batches:
            stepper.zero_grad()
            total = self.loss_terms(**batch)["total"]
            total.backward()
            stepper.step()
            losses.append(float(total.detach()))
        self.optimizer_state = {
            f"{name}/{quantity}": np.ascontiguousarray(value.transpose(slot.axes))
            for name, slot in learned.items()
            for quantity, value in _held(stepper, slot.parameter, learning_rate)
        }
        return losses

    def _output_and_logits(self, batch: Tensor, training: bool) -> tuple[Tensor, Tensor | None]:
        self.module.train(training)
        with _Heads() as heads:
            output = self.module(batch)
        if not isinstance(output, Tensor):
            raise NotAnAnswer(f"the model returned {type(output).__name__}, expected a torch.Tensor", Symptom.WRONG_TYPE)
        return output, heads.logits(output)

    def _loss(self, output: Tensor, logits: Tensor | None, target: Tensor) -> Tensor:
        refuse_unlike(self.role, self.loss, output.shape, target.shape)
        if self.loss == "mean_squared_error":
            return functional.mse_loss(output, target)
        if self.loss == "softmax_cross_entropy":
            classes = target[:, 0]
            return functional.nll_loss(torch.log(output), classes) if logits is None else functional.cross_entropy(logits, classes)
        if logits is None:
            return -(target * torch.log(output) + (1.0 - target) * torch.log1p(-output)).mean()
        return functional.binary_cross_entropy_with_logits(logits, target)


def _parameters(module: nn.Module) -> Iterator[tuple[str, nn.Parameter, tuple[int, ...]]]:
    """Name, parameter, and its axes in the order of the contract."""
    for path, part in module.named_modules():
        recurrent = isinstance(part, (nn.RNNBase, nn.RNNCellBase))
        for name, parameter in part.named_parameters(recurse=False):
            if recurrent and name.startswith("bias_hh"):
                # The contract has one bias where PyTorch adds two: the other one is zero, and no optimiser is given it.
                with torch.no_grad():
                    parameter.zero_()
                continue
            axes = tuple(range(parameter.dim()))
            # These keep (out, in) and (out, in, width); the contract has (in, out) and (width, in, out).
            reversed_axes = recurrent or isinstance(part, (nn.Linear, nn.Conv1d))
            yield f"{path}.{name}".lstrip("."), parameter, axes[::-1] if reversed_axes else axes


def _reached(name: str, gradient: Tensor | None) -> Tensor:
    if gradient is None:
        raise NotAnAnswer(f"no gradient reaches {name!r}", Symptom.NO_GRADIENT)
    return gradient


def _held(stepper: optim.Optimizer, parameter: Tensor, rate: float) -> Iterator[tuple[str, np.ndarray]]:
    state = stepper.state.get(parameter, {})
    for own, name in _HELD.items():
        if state.get(own) is not None:
            yield name, _as_array(-rate * state[own] if name == "velocity" else state[own])


def _as_array(value: Tensor) -> np.ndarray:
    """A copy in the host's memory; bfloat16, which NumPy lacks, as float32."""
    value = value.detach()
    return np.array((value.float() if value.dtype is torch.bfloat16 else value).cpu().numpy())
