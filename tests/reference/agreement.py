"""How much of the error budget a difference uses. The budget comes from the specification and from `conformance.tolerance`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from conformance.tolerance import allowed_error
from reference.specification import Spec


class Worst(NamedTuple):
    """The largest fraction of the budget that was used, and where."""

    use: float
    where: str

    def __str__(self) -> str:
        return f"{self.use:.3g} budgets used at {self.where}"


def terms_summed(name: str, inputs: Mapping[str, Any], quantity: str = "value") -> int:
    """Number of terms of the longest sum on the way from an input to one element of the result."""
    shape = np.shape(next(iter(inputs.values())))
    if name == "reparameterize" or (quantity == "gradient" and name != "kl_sparsity_loss"):
        return 1
    if quantity == "gradient":
        return shape[0]
    return shape[1] if inputs.get("reduction") == "none" else shape[0] * shape[1]


def allowed_value(spec: Spec, inputs: Mapping[str, Any], dtype: str = "float64") -> np.ndarray:
    """The error budget of every element of the value."""
    assert spec.error_scale is not None
    return allowed_error(spec.error_scale(**inputs), dtype, spec.roundings, terms_summed(spec.name, inputs))


def allowed_gradient(spec: Spec, cotangent: np.ndarray, inputs: Mapping[str, Any], dtype: str = "float64") -> dict[str, np.ndarray]:
    """The error budget of every element of every gradient."""
    assert spec.gradient_scale is not None
    length = terms_summed(spec.name, inputs, "gradient")
    scales = spec.gradient_scale(cotangent=cotangent, **inputs)
    return {name: allowed_error(scale, dtype, spec.roundings, length) for name, scale in scales.items()}


def comparable_parts(spec: Spec, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Where the gradient is unique; a name that is absent is comparable everywhere."""
    return spec.comparable(**inputs) if spec.comparable else {}


def budget_use(error: Any, allowed: Any) -> float:
    """The largest error / allowed; an error where nothing is allowed uses infinitely much."""
    error, allowed = np.broadcast_arrays(np.asarray(error, dtype=np.float64), np.asarray(allowed, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        use = np.where(error == 0, 0.0, error / allowed)
    return float(np.where(np.isnan(use), np.inf, use).max(initial=0.0))


def worst_of(uses: Iterable[tuple[float, Any]]) -> Worst:
    """The largest use, with a description of its point."""
    use, where = max(uses, key=lambda pair: pair[0])
    return Worst(use, repr(where))


def worst_over(points: Iterable[Any], use_at: Callable[[int, Any], float]) -> Worst:
    """The largest use over numbered points."""
    return worst_of((use_at(number, point), (number, point)) for number, point in enumerate(points))
