"""What any `nn.Module` needs beside its forward pass and its loss to be asked as a model: names, weights, gradients, training."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn, optim

OPTIMIZERS: dict[str, Callable[[Any, float], Any]] = {
    "sgd": lambda p, rate: optim.SGD(p, rate),
    "momentum": lambda p, rate: optim.SGD(p, rate, momentum=0.9),
    "nesterov": lambda p, rate: optim.SGD(p, rate, momentum=0.9, nesterov=True),
    "adagrad": lambda p, rate: optim.Adagrad(p, rate, eps=1e-7),
    "rmsprop": lambda p, rate: optim.RMSprop(p, rate, alpha=0.9, eps=1e-7),
    "adam": lambda p, rate: optim.Adam(p, rate, eps=1e-7),
}
_KEPT = {"momentum_buffer": "velocity", "sum": "squares", "square_avg": "squares", "exp_avg": "m", "exp_avg_sq": "v"}
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "linear": lambda x: x,
    "softmax": lambda x: x.softmax(1),
}


def turned(parameter: Any) -> Any:
    """A matrix as (in, out), a kernel as (width, in, out)."""
    return parameter.permute(2, 1, 0) if parameter.dim() == 3 else parameter.T if parameter.dim() == 2 else parameter


class Module(nn.Module):
    """A subclass gives `activations` and `loss_terms`; `named` where its own names are not those of the contract."""

    shown = "reconstruction"

    def __init__(self) -> None:
        super().__init__()
        self.optimizer_state: dict[str, Any] = {}

    def named(self) -> dict[str, tuple[Any, Callable[[Any], Any]]]:
        """Name of the contract -> parameter, and how it is turned there and back."""
        return {name: (parameter, turned) for name, parameter in self.named_parameters()}

    def import_weights(self, weights: Mapping[str, Any]) -> None:
        with torch.no_grad():
            for name, (parameter, turn) in self.named().items():
                parameter.copy_(turn(torch.from_numpy(weights[name])))

    def export_weights(self) -> dict[str, Any]:
        return {name: turn(parameter.detach()).numpy().copy() for name, (parameter, turn) in self.named().items()}

    def inference(self, **batch: Any) -> dict[str, Any]:
        return {self.shown: self.activations(**batch)[self.shown]}

    def gradients(self, **batch: Any) -> dict[str, Any]:
        self.zero_grad()
        self.loss_terms(**batch)["total"].backward()
        return {name: turn(p.grad) for name, (p, turn) in self.named().items() if p.requires_grad}

    def training_steps(self, batches: Iterable[Any], optimizer: str = "adam", learning_rate: float = 1e-3) -> list[float]:
        trained = {name: pair for name, pair in self.named().items() if pair[0].requires_grad}
        steps, losses = OPTIMIZERS[optimizer]([p for p, _ in trained.values()], learning_rate), []
        for batch in batches:
            steps.zero_grad()
            loss = self.loss_terms(**batch)["total"]
            loss.backward()
            steps.step()
            losses.append(loss.item())
        self.optimizer_state = {}
        for name, (parameter, turn) in trained.items():
            for own, value in steps.state[parameter].items():
                if own in _KEPT and value is not None:
                    sign = -learning_rate if own == "momentum_buffer" else 1.0
                    self.optimizer_state[f"{name}/{_KEPT[own]}"] = turn(sign * value.detach()).numpy().copy()
        return losses


class Mirrored(Module):
    """Dense layers down and up."""

    coding_activation: str | None = None

    def __init__(self, sizes=(784, 100, 30), activation="relu", output_activation="sigmoid", loss="mean_squared_error", tied=False):
        super().__init__()
        if tied:
            raise NotImplementedError
        self.activation, self.output_activation, self.loss = activation, output_activation, loss
        pairs = list(itertools.pairwise(sizes))
        self.encoder = nn.ModuleList(nn.Linear(i, o) for i, o in pairs)
        self.decoder = nn.ModuleList(nn.Linear(o, i) for i, o in pairs[::-1])

    def encoded(self, x):
        named = {}
        for i, layer in enumerate(self.encoder):
            last = i == len(self.encoder) - 1
            x = ACTIVATIONS[(last and self.coding_activation) or self.activation](layer(x))
            named["coding" if last else f"encoder.{i}"] = x
        return named

    def decoded(self, x):
        named = {}
        for i, layer in enumerate(self.decoder[:-1]):
            named[f"decoder.{i}"] = x = ACTIVATIONS[self.activation](layer(x))
        z = self.decoder[-1](x)
        return {**named, "logits": z, "reconstruction": ACTIVATIONS[self.output_activation](z)}

    def activations(self, inputs):
        named = self.encoded(inputs)
        return {**named, **self.decoded(named["coding"])}

    def mean_error(self, inputs, named):
        if self.loss == "mean_squared_error":
            return nn.MSELoss()(named["reconstruction"], inputs)
        return nn.BCEWithLogitsLoss()(named["logits"], inputs)
