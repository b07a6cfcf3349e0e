"""What every full model offers: a parameter table, named activations, loss terms, gradients, training steps, weights in a file."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from reference.arguments import number_between, one_of
from reference.domains import Domain
from reference.models import weights as weights_file
from reference.specification import Array
from reference.training import OPTIMIZERS, State

Named = dict[str, Array]


class Model(ABC):
    """A model that holds its weights in float64, under canonical names, weight matrices as (in, out).

    A batch is a set of named arrays; every method that takes one takes them as its arguments, under the names of `batch_domains`.
    """

    weights: Named
    optimizer_state: Named

    @property
    @abstractmethod
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Canonical parameter names and shapes, in order."""

    @abstractmethod
    def batch_domains(self) -> dict[str, Domain]:
        """The named arrays of a batch and what they may hold."""

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        """Methods that a user calls besides, and what their arguments may hold."""
        return {}

    @abstractmethod
    def activations(self, *args: Any, **batch: Any) -> Named:
        """Every intermediate result by name, in the order of computation."""

    @abstractmethod
    def loss_terms(self, *args: Any, **batch: Any) -> Named:
        """The terms of the loss by name, their sum last as `total`."""

    @abstractmethod
    def gradients(self, *args: Any, **batch: Any) -> Named:
        """∂total/∂parameter by parameter name."""

    @abstractmethod
    def inference(self, *args: Any, **batch: Any) -> Named:
        """What the model says of a batch when it is used, not trained: without noise, sampling or labels."""

    @property
    def trainable_names(self) -> tuple[str, ...]:
        """Names of the parameters that training changes: those that `gradients` returns."""
        return tuple(self.weights)

    @property
    def unsaturated(self) -> tuple[str, ...]:
        """Biases after which nothing may saturate where the model is compared in a smaller dtype than the reference's."""
        return ()

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return sum(int(np.prod(shape)) for shape in self.parameter_shapes.values())

    def training_steps(
        self, batches: Iterable[Mapping[str, Any]], optimizer: str = "adam", learning_rate: float = 1e-3
    ) -> list[float]:
        """Take one optimiser step a batch, changing the weights; return the total loss before each step.

        The optimiser starts afresh in every call; what it holds after the last step is in `optimizer_state`.

        Raises:
            ValueError: unknown optimiser, or a learning rate that is not positive.
        """
        step = OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]
        learning_rate = number_between("learning_rate", learning_rate, 0.0, np.inf)
        states: dict[str, State] = {}
        losses = []
        for batch in batches:
            losses.append(float(self.loss_terms(**batch)["total"]))
            gradients = self.gradients(**batch)
            for name in self.trainable_names:
                self.weights[name], states[name] = step(self.weights[name], gradients[name], states.get(name), learning_rate)
        self.optimizer_state = {
            f"{name}/{quantity}": value
            for name, state in states.items()
            for quantity, value in state.items()
            if quantity != "steps"
        }
        return losses

    def export_weights(self) -> Named:
        """A copy of the weights under their canonical names."""
        return {name: value.copy() for name, value in self.weights.items()}

    def import_weights(self, weights: Mapping[str, Array]) -> None:
        """Replace all weights; refuses missing, extra and misshapen entries, and then changes nothing."""
        checked = weights_file.checked(weights, self.parameter_shapes)
        # Complex weights stay complex: the complex-step derivative differentiates through them.
        self.weights = {n: np.array(v, dtype=np.complex128 if np.iscomplexobj(v) else np.float64) for n, v in checked.items()}

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the weights to a safetensors file, atomically."""
        weights_file.save(path, self.weights)

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Read the weights from a safetensors file of any of the packages; on an error nothing changes."""
        self.import_weights(weights_file.load(path, self.parameter_shapes))
