"""An output beside what it should be, by the rules of the judge, who is not there: dtype, shape, values, NaN and infinity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.programs.running.folder import Result
from conformance.tolerance import at_the_limits


@dataclass(frozen=True)
class Worst:
    """The element that used most of its budget."""

    name: str
    index: tuple[int, ...]
    actual: float
    expected: float
    allowed: float


@dataclass(frozen=True)
class Comparison:
    """At most 1 of the budget is agreement. Without a `worst` element a `finding` says what is wrong, or nothing was used."""

    budget_used: float
    worst: Worst | None = None
    finding: str | None = None

    @property
    def agrees(self) -> bool:
        return self.budget_used <= 1.0

    @property
    def reason(self) -> str | None:
        """In words, what is wrong; None if it agrees."""
        if self.agrees:
            return None
        if self.worst is None:
            return self.finding
        where = "" if self.worst.index == () else f" at index {self.worst.index}"
        values = f"expected {self.worst.expected!r}, got {self.worst.actual!r}"
        return f"{self.worst.name}{where}: {values}, {self.budget_used:.3g} × the error budget"


def compare(result: Result, actual: np.ndarray) -> Comparison:
    """How much of its budget an output uses."""
    if actual.dtype.name != result.dtype:
        return Comparison(math.inf, None, f"{result.name}: expected dtype {result.dtype}, got {actual.dtype.name}")
    if actual.shape != result.value.shape:
        return Comparison(math.inf, None, f"{result.name}: expected shape {result.value.shape}, got {actual.shape}")
    if actual.size == 0:
        return Comparison(0.0)
    used = np.asarray(_used(result, actual.astype(np.float64)))
    index = tuple(int(i) for i in np.unravel_index(int(used.argmax()), used.shape))
    allowed = np.broadcast_to(result.allowed, used.shape)[index]
    worst = Worst(result.name, index, _plain(actual[index]), _plain(result.value[index]), float(allowed))
    return Comparison(float(used[index]), worst)


def _used(result: Result, actual: np.ndarray) -> np.ndarray:
    """The fraction of the budget that every element uses; NaN never equals a number."""
    value = result.value.astype(np.float64)
    with np.errstate(all="ignore"):
        used = np.abs(actual - value) / result.allowed
        return at_the_limits(used, value, actual, result.infinite, result.lost, result.comparable)


def _plain(number: Any) -> float:
    return float(number)
