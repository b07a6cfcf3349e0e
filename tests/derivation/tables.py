"""Derived gradients and scales beside the hand-made ones, case by case: what the tests hold, and `python -m tests.derivation` prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Case, cases
from conformance.derivation.measured import Written
from conformance.tolerance import allowed_error
from reference.specification import Array, Spec, catalogue

# What has a gradient made by hand beside it.
FORMULAS = [name for name, spec in catalogue().items() if hasattr(sys.modules[spec.evaluate.__module__], f"{name}_vjp")]


@dataclass
class Row:
    """Of one formula: the largest share of the budget by which gradients differ, ratios of hand-made to derived scales, what is masked."""

    budget_used: float = 0.0
    value_ratios: list[float] = field(default_factory=list[float])
    gradient_ratios: list[float] = field(default_factory=list[float])
    masked: int = 0
    masked_by_derivation_alone: int = 0
    elements: int = 0


@np.errstate(all="ignore")
def row(name: str, examples: int, dtype: str = "float64") -> Row:
    """The row of a formula, over its default cases."""
    spec, result = catalogue()[name], Row()
    written = Written(spec.evaluate, spec.inputs, spec.differentiated)
    assert spec.vjp is not None
    assert spec.error_scale is not None
    assert spec.gradient_scale is not None
    for case in cases(spec, dtype, 0, examples):
        arguments = {"cotangent": case.cotangent, **case.inputs}
        result.value_ratios += _finite(spec.error_scale(**case.inputs), written.error_scale(**case.inputs))
        expected, actual = spec.vjp(**arguments), written.vjp(**arguments)
        comparable = written.comparable(**case.inputs)
        scale, derived_scale = spec.gradient_scale(**arguments), written.gradient_scale(**arguments)
        by_hand = {} if spec.comparable is None else spec.comparable(**case.inputs)
        for input_name in spec.differentiated:
            kept = np.broadcast_to(by_hand.get(input_name, np.True_), expected[input_name].shape)
            used = _used(spec, case, actual[input_name], expected[input_name], scale[input_name])
            result.budget_used = max(result.budget_used, float(np.max(np.where(kept, used, 0.0))))
            both = kept & comparable[input_name]
            result.gradient_ratios += _finite(scale[input_name][both], derived_scale[input_name][both])
            result.masked += int(np.sum(~comparable[input_name]))
            result.masked_by_derivation_alone += int(np.sum(~comparable[input_name] & kept))
            result.elements += kept.size
    return result


def _used(spec: Spec, case: Case, actual: Array, expected: Array, scale: Array) -> Array:
    length = max(np.size(case.inputs[name]) for name in spec.differentiated)
    return np.abs(actual - expected) / allowed_error(scale, "float64", spec.roundings, length)


def _finite(by_hand: Array, derived: Array) -> list[float]:
    ratios = np.ravel(np.asarray(by_hand) / np.asarray(derived))
    return ratios[np.isfinite(ratios)].tolist()


def lines(examples: int) -> Iterator[str]:
    """The table."""
    yield f"{'formula':24} {'gradients differ by':>20} {'value: hand / measured':>24} {'gradient':>10} {'masked':>14}"
    for name in FORMULAS:
        r = row(name, examples)
        value, gradient = float(np.median(r.value_ratios)), float(np.median(r.gradient_ratios))
        yield f"{name:24} {r.budget_used:>13.2f} budget {value:>24.2f} {gradient:>10.2f} {r.masked:>5} of {r.elements:>5}"
