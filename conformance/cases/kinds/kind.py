"""What a kind of specification says of itself and of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from conformance.cases.drawing import Recipe
from conformance.cases.real_data import ImageRows
from reference.specification import Spec

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """What one of the kind is, how cases of it are made and made smaller, and what they cost.

    name               as a specification says it
    label              the word for one of it where only models are told from the rest
    title              the heading over all of it
    called             whether it is called with its inputs; the others are built first, and asked by their methods
    trained            whether it has weights, which are handed to it, and is trained
    cost               a case costs as much as so many of a formula, so that as many fewer are drawn
    compiled_examples  drawn cases in compiled modes: a new shape or configuration is compiled anew
    attempts           how many smaller cases are tried on a failure
    measured           whether error scales are measured, by moving numbers, where a formula gives its own
    draw               (specification, dtype, recipe, generator) -> inputs
    real               (specification, dtype, images) -> the inputs of its cases of real data
    real_count         how many those are
    simpler            (specification, inputs, dtype) -> inputs that are simpler, the boldest first
    options            inputs -> the arguments that the specification names, as far as they are given
    tensors            specification -> the inputs that are handed over as tensors, whose gradient may be asked for
    """

    name: str
    label: Literal["formula", "model"]
    title: str
    called: bool
    trained: bool
    cost: int
    compiled_examples: int
    attempts: int
    measured: bool
    draw: Callable[[Spec, str, Recipe, np.random.Generator], dict[str, Any]]
    real: Callable[[Spec, str, ImageRows | None], Iterator[dict[str, Any]]]
    real_count: Callable[[Spec], int]
    simpler: Callable[[Spec, Inputs, str], Iterator[dict[str, Any]]]
    options: Callable[[Inputs], Inputs]
    tensors: Callable[[Spec], tuple[str, ...]]

    @property
    def fitted(self) -> bool:
        """Whether it is built and then fitted on texts: neither called nor trained."""
        return not self.called and not self.trained

    def examples(self, count: int, least: int = 1) -> int:
        """How many cases are drawn where so many of a formula are."""
        return count if self.cost == 1 else max(least, count // self.cost)
