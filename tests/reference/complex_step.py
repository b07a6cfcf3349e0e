"""Derivatives by the complex step, and budgets measured by moving the arguments a little."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from conformance.tolerance import PERTURBATIONS, allowed_error, measured_scale, perturbation
from tests.reference.agreement import budget_use

# Im f(x + ih) / h is f'(x) up to h² ≈ 1e-60 of the third derivative: no difference is taken, so no digit is lost.
STEP = 1e-30
Named = Mapping[str, np.ndarray]


def derivatives(scalar: Callable[[dict], np.ndarray], arguments: Named) -> dict[str, np.ndarray]:
    """∂scalar/∂argument for every element of every argument."""
    results = {}
    for name, value in arguments.items():
        results[name] = np.empty(value.shape)
        for index in np.ndindex(value.shape):
            moved = value.astype(complex)
            moved[index] += 1j * STEP
            results[name][index] = np.imag(scalar({**arguments, name: moved})) / STEP
    return results


def measured_use(compute: Callable[[dict], Named], arguments: Named, expected: Named, roundings: int, length: int) -> float:
    """The largest part of the budget that `compute` uses; both sides round, so the budget is twice that of one."""
    rng, actual = np.random.default_rng(0), compute(dict(arguments))
    assert list(actual) == list(expected)

    def moved(value):
        return value * (1 + perturbation("float64") * rng.choice([-1.0, 1.0], np.shape(value)))

    runs = [compute({name: moved(value) for name, value in arguments.items()}) for _ in range(PERTURBATIONS)]
    uses = [0.0]
    for name, value in actual.items():
        assert np.shape(value) == np.shape(expected[name]), name
        scale = measured_scale(value, [run[name] for run in runs], "float64")
        uses.append(budget_use(np.abs(value - expected[name]), 2 * allowed_error(scale, "float64", roundings, length)))
    return max(uses)
