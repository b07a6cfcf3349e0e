"""Moving numbers by ±η: inputs and weights at the entrance of a model, and inside it the results of functions that saturate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.respondent.model_inputs import ModelInputs
from conformance.tolerance import perturbation
from reference.domains import Domain, Reals
from reference.specification import Array

# Signs are drawn in blocks: a generator asked for a handful of them takes longer than all the arithmetic of a small layer.
_BLOCK = 1 << 14


class Perturbation:
    """Random relative moves of ±η. The same seed gives the same moves."""

    def __init__(self, dtype: str, seed: int) -> None:
        self._eta = perturbation(dtype)
        self._rng = np.random.default_rng(seed)
        self._factors, self._used = self._drawn(_BLOCK), 0

    def moved(self, array: Array) -> Array:
        """Every element moved by ±η; zeros stay zero, as they do when rounded."""
        return array * self._next(array.size).reshape(array.shape)

    def moved_inside(self, result: Array) -> Array:
        """The result of a function with values in [−1, 1], moved as a rounding might: ±1 are numbers of every dtype, none passes them."""
        return np.minimum(np.maximum(self.moved(result), -1.0), 1.0)

    def moved_inputs(
        self, inputs: ModelInputs, domains: Mapping[str, Domain], methods: Mapping[str, Mapping[str, Domain]]
    ) -> ModelInputs:
        """Inputs and weights of a model, moved inside their domains; the batches of a training run each anew."""

        def within(domain: Domain | None, value: Any) -> Any:
            if not (domain is None or isinstance(domain, Reals)):
                return value
            moved = self.moved(value)
            return moved if domain is None else np.clip(moved, domain.low, domain.high)

        def all_within(named: Mapping[str, Any], domains: Mapping[str, Domain]) -> dict[str, Any]:
            return {name: within(domains.get(name), value) for name, value in named.items()}

        return replace(
            inputs,
            weights=all_within(inputs.weights, {}),
            batch=all_within(inputs.batch, domains),
            batches=[all_within(batch, domains) for batch in inputs.batches],
            calls={method: all_within(arguments, methods[method]) for method, arguments in inputs.calls.items()},
        )

    def _next(self, count: int) -> Array:
        end = self._used + count
        if end > len(self._factors):
            self._factors, self._used, end = self._drawn(max(_BLOCK, count)), 0, count
        factors, self._used = self._factors[self._used : end], end
        return factors

    def _drawn(self, count: int) -> Array:
        return 1.0 + self._eta * (2.0 * self._rng.integers(0, 2, size=count, dtype=np.int8) - 1.0)
