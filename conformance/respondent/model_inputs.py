"""What a case of a model holds.

Cases, their files and the wire to a worker keep inputs of whatever kind as a plain mapping; here, and nowhere else, it is read as what it
is, under names that are spelled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

# Of `training_steps`, where nothing is said.
DEFAULT_OPTIMIZER = "adam"

Batch = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class ModelInputs:
    """What a model is built from, what it is given, and how it is trained.

    configuration   the arguments with which it is built
    weights         parameter name -> array
    batch           what activations, loss and gradients are asked of
    batches         one a training step
    training        optimizer and learning_rate
    calls           other methods that are asked: their arguments by name
    """

    configuration: Mapping[str, Any]
    weights: Mapping[str, np.ndarray]
    batch: Batch
    batches: Sequence[Batch] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def fit(cls, inputs: Mapping[str, Any]) -> bool:
        """Whether these are inputs of a model."""
        names = {field.name for field in fields(cls)}
        return names - {"calls"} <= inputs.keys() <= names

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> ModelInputs:
        """Read from the plain mapping. Raises TypeError where it is none of a model's."""
        return cls(**inputs)

    def named(self) -> dict[str, Any]:
        """The plain mapping, as cases keep it; without `calls` if there are none."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return named if self.calls else {name: value for name, value in named.items() if name != "calls"}

    @property
    def optimizer(self) -> str:
        """The name of what trains it."""
        return self.training.get("optimizer", DEFAULT_OPTIMIZER)
