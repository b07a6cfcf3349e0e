"""Whether a gradient is that of an accepted variant. The catalogue changes values; how they change with the inputs the complex step says.

Directions are compared, not elements: one step along a direction through all arrays gives the whole of it to the last digit, which
differences do not, and a wrong element shows in every direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from conformance.cases.case import Case
from conformance.cases.kinds import kind_of
from conformance.faults.changed.reference import implementation
from conformance.faults.fault import Fault
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import Evidence
from conformance.respondent.belongings import own
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.responses import Output, Returned
from conformance.tolerance import LARGEST, UNIT_ROUNDOFF, explained_error
from reference.specification import Array, Spec

_STEP = 1e-30
_DIRECTIONS = 2


def is_gradient_of(faults: tuple[Fault, ...], spec: Spec, evidence: Sequence[Evidence]) -> bool:
    """Whether every answer is the gradient of the reference with these faults.

    Raises:
        Exception: the changed reference cannot be differentiated so, or there is no gradient of what it answers.
    """
    return all(_agrees(faults, spec, observation) for observation in evidence)


@np.errstate(all="ignore")
def _agrees(faults: tuple[Fault, ...], spec: Spec, observation: Evidence) -> bool:
    assert isinstance(observation.response, Returned)
    outputs = observation.response.outputs
    right = {name: e for name, e in observation.expected.items() if isinstance(e, Expected)}
    actual = {name: output.array.astype(float) for name, output in outputs.items() if isinstance(output, Output)}
    if right.keys() != actual.keys() or any(actual[name].shape != e.value.shape for name, e in right.items()):
        return False
    finite = {name: np.isfinite(array) for name, array in actual.items()}
    if not all(np.all(finite[name] | _may_overflow(e)) for name, e in right.items()):
        return False
    actual = {name: np.where(finite[name], array, 0.0) for name, array in actual.items()}
    chance = np.random.default_rng(_DIRECTIONS)
    for _ in range(_DIRECTIONS):
        direction = {name: _comparable(e, finite[name] * chance.standard_normal(e.value.shape)) for name, e in right.items()}
        expected = _along(faults, spec, observation.case, direction)
        along = sum(np.sum(v * actual[name]) for name, v in direction.items())
        # Rounded once more where it is stored, and as far off in sum as the elements may be.
        room = sum(
            np.sum(np.abs(v) * explained_error(right[name].widest, actual[name], right[name].dtype))
            for name, v in direction.items()
        )
        if not abs(along - expected) <= room + UNIT_ROUNDOFF["float64"] * abs(expected):
            return False
    return True


def _may_overflow(expected: Expected) -> Array:
    """Where infinity is as right as the value."""
    beyond = np.abs(expected.value) + expected.widest > LARGEST[expected.dtype]
    return beyond if expected.overflowing is None else beyond | expected.overflowing


def _comparable(expected: Expected, direction: Array) -> Array:
    """The direction without elements in which no single gradient is right."""
    return direction if expected.comparable is None else np.where(expected.comparable, direction, 0.0)


def _along(faults: tuple[Fault, ...], spec: Spec, case: Case, direction: Mapping[str, Array]) -> float:
    """The derivative of the changed reference along a direction."""
    module, inputs = implementation(faults, spec.name), own(case.inputs)
    offered: Any = getattr(module, spec.name)
    if not kind_of(spec).trained:
        moved = {name: inputs[name] + 1j * _STEP * v for name, v in direction.items()}
        value = np.asarray(offered(**{**inputs, **moved}))
        cotangent = np.asarray(case.cotangent)
        if value.shape != cotangent.shape:
            raise ValueError(f"expected a value of shape {cotangent.shape}, got {value.shape}")
        return float(np.sum(np.imag(value) / _STEP * cotangent))
    given = ModelInputs.of(inputs)
    model = offered(**given.configuration)
    model.import_weights(given.weights)
    for name, v in direction.items():
        model.weights[name] = model.weights[name] + 1j * _STEP * v
    return float(np.imag(model.loss_terms(**given.batch)["total"]) / _STEP)
