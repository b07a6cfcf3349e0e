"""What a function says of a case when every result is moved a little: its error scales, and where it has no single gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from conformance.derivation.exchanged import exchanged
from conformance.derivation.moved_arrays import MovedArray, Moves, Stores, moving, plain
from conformance.derivation.reverse_mode import gradients
from conformance.tolerance import (
    KINK_MOVE,
    KINK_SEEDS,
    LEAST_PERTURBATION,
    NEAR_ZERO,
    PERTURBATIONS,
    at_a_kink,
    random_scale,
)
from reference.domains import Bits, Domain, Number, Reals
from reference.specification import Array

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """A function as it is written, the domains of its arguments, those by which it is differentiated, and whether it may lose digits."""

    function: Callable[..., Any]
    domains: Mapping[str, Domain]
    names: tuple[str, ...]
    losing: bool = False

    @cached_property
    def _exchanged(self) -> Callable[..., Any]:
        return exchanged(self.function)

    def vjp(self, cotangent: Array, **inputs: Any) -> dict[str, Array]:
        """As the `vjp` of a specification."""
        with np.errstate(all="ignore"):
            return gradients(self._exchanged, self.names, cotangent, inputs)

    def error_scale(self, **inputs: Any) -> Array:
        """As the `error_scale` of a specification: every form of the formula within it is as right."""
        value = np.asarray(self.function(**inputs), dtype=np.float64)
        runs = [self._moved_value(Moves(LEAST_PERTURBATION, seed, losing=self.losing), inputs) for seed in range(PERTURBATIONS)]
        return random_scale(value, runs, LEAST_PERTURBATION)

    def gradient_scale(self, cotangent: Array, **inputs: Any) -> dict[str, Array]:
        """As the `gradient_scale` of a specification."""
        moves = [Moves(LEAST_PERTURBATION, seed, losing=self.losing) for seed in range(PERTURBATIONS)]
        return self._scale_of(self.vjp(cotangent, **inputs), cotangent, inputs, moves)

    def comparable(self, **inputs: Any) -> dict[str, Array]:
        """As `comparable` of a specification: where one-sided slopes are the same."""
        # No two elements of the value weigh the same, so that what jumps in two of them does not cancel.
        shape = np.shape(self.function(**inputs))
        weights = np.random.default_rng(0).uniform(1.0, 2.0, size=shape)
        exact = self.vjp(weights, **inputs)
        scale = self._scale_of(exact, weights, inputs, self._both_ways(LEAST_PERTURBATION))
        runs = [self._moved_gradients(each, weights, inputs, NEAR_ZERO) for each in self._both_ways(KINK_MOVE)]
        return {name: ~at_a_kink(exact[name], [run[name] for run in runs], scale[name]) for name in self.names}

    def as_written(self, dtype: str, cotangent: Array | None, **inputs: Any) -> dict[str, Array]:
        """As `as_written` of a specification."""
        arrays = {
            n: np.asarray(x).view(MovedArray) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for n, x in inputs.items()
        }
        with moving(Stores(dtype)):
            given = {"value": np.asarray(plain(self._exchanged(**arrays)), dtype=np.float64)}
            by_input = {} if cotangent is None else gradients(self._exchanged, self.names, cotangent, arrays)
        return {**given, **by_input}

    @staticmethod
    def _both_ways(eta: float) -> list[Moves]:
        return [Moves(eta, seed, uneven=True, opposite=opposite) for seed in KINK_SEEDS for opposite in (False, True)]

    def _scale_of(self, exact: Mapping[str, Array], cotangent: Array, inputs: Inputs, moves: Sequence[Moves]) -> dict[str, Array]:
        runs = [self._moved_gradients(each, cotangent, inputs) for each in moves]
        return {name: random_scale(exact[name], [run[name] for run in runs], LEAST_PERTURBATION) for name in self.names}

    def _moved_value(self, moves: Moves, inputs: Inputs) -> Array:
        with moving(moves):
            return np.asarray(plain(self._exchanged(**self._moved(moves, inputs))), dtype=np.float64)

    def _moved_gradients(self, moves: Moves, cotangent: Array, inputs: Inputs, near_zero: float = 0.0) -> dict[str, Array]:
        with moving(moves):
            return gradients(self._exchanged, self.names, cotangent, self._moved(moves, inputs, near_zero))

    def _moved(self, moves: Moves, inputs: Inputs, near_zero: float = 0.0) -> dict[str, Any]:
        """The inputs, moved inside their domains; data are what they are, and a number left out is its default, which is rounded too."""
        moved: dict[str, Any] = {}
        parameters = inspect.signature(self.function).parameters
        for name, domain in self.domains.items():
            value = inputs[name] if name in inputs else parameters[name].default
            if isinstance(domain, Reals) and not domain.data:
                off = moves.of(value) + np.where(value == 0.0, near_zero * moves.signs(np.shape(value)), 0.0)
                moved[name] = np.clip(off, domain.low, domain.high).view(MovedArray)
            elif isinstance(domain, (Reals, Bits)):
                moved[name] = np.asarray(value).view(MovedArray)
            elif isinstance(domain, Number) and isinstance(value, float):
                off = float(moves.of(np.asarray(value)))
                moved[name] = off if domain.low < off < domain.high else value
            elif name in inputs:
                moved[name] = value
        return moved
