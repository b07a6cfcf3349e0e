"""The reference against the contract's formulas, evaluated literally with 50 digits, in units of the error budget."""

from __future__ import annotations

import numpy as np
import pytest

from reference.specification import catalogue
from tests.reference.agreement import allowed_gradient, allowed_value, budget_use, comparable_parts, worst_over
from tests.reference.exact import distance, gradient_of, value_of
from tests.reference.points import FORMULAS, POINTS, cotangent_for, points


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_value_is_the_literal_formula(name, record_property):
    """Every value lies within one error budget of the literal formula with 50 digits."""
    spec = catalogue()[name]

    def use_at(_, inputs):
        return budget_use(distance(spec.evaluate(**inputs), value_of(name, inputs)), allowed_value(spec, inputs))

    worst = worst_over(points(name), use_at)
    record_property("points", POINTS)
    record_property("widest", worst.use)
    assert worst.use <= 1, str(worst)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_gradient_is_the_derivative_of_the_literal_formula(name, record_property):
    """Every vector-Jacobian product lies within one error budget of the derivative with 50 digits, where the gradient is unique."""
    spec = catalogue()[name]

    def use_at(number, inputs):
        cotangent = cotangent_for(spec.evaluate(**inputs), number)
        actual, exact = spec.vjp(cotangent, **inputs), gradient_of(name, cotangent, inputs)
        assert actual.keys() == exact.keys()
        allowed, masks = allowed_gradient(spec, cotangent, inputs), comparable_parts(spec, inputs)
        return max(budget_use(distance(actual[i], exact[i])[masks.get(i, ...)], allowed[i][masks.get(i, ...)]) for i in exact)

    worst = worst_over(points(name), use_at)
    record_property("widest", worst.use)
    assert worst.use <= 1, str(worst)


@pytest.mark.parametrize("name", FORMULAS)
def test_points_are_many_and_half_of_them_ordinary(name):
    """There are at least 500 points, they reach batches and widths of one, every reduction, and gradients that may be compared."""
    spec, values = catalogue()[name], list(points(name))
    shapes = {np.shape(next(iter(inputs.values()))) for inputs in values}
    assert len(values) >= 500
    assert {shape[0] for shape in shapes} >= {1, 2, 3}
    assert {shape[1] for shape in shapes} >= {1, 2, 3}
    assert all(b != d or b == 1 for b, d in shapes)
    assert len({inputs.get("reduction") for inputs in values}) in (1, 3)
    masks = [mask for inputs in values for mask in comparable_parts(spec, inputs).values()]
    assert not masks or sum(mask.sum() for mask in masks) > sum(mask.size for mask in masks) / 2


def test_every_formula_of_the_catalogue_has_an_oracle():
    """No formula enters the catalogue without an oracle here."""
    functions = {name for name, spec in catalogue().items() if spec.kind == "function"}
    assert functions - {"pad_sequences"} == set(FORMULAS)
