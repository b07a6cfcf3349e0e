"""What the reference says about a case: for every quantity, named values and how far an answer may be from them.

This is computed once a case and serves all targets of the dtype. A target never sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import conformance.derivation.catalogue  # noqa: F401  (whoever expects anything asks whole specifications)
from conformance.cases.case import Case
from conformance.cases.kinds import kind_of
from conformance.judging.perturbation import Perturbation
from conformance.respondent.class_results import AGAIN, RELOADED, method_results, tokenizer_results, training_results
from conformance.respondent.model_inputs import ModelInputs
from conformance.tolerance import (
    ALLOWED_BETWEEN_WHOLE_NUMBERS,
    ALLOWED_OF_FROZEN,
    LARGEST,
    PERTURBATIONS,
    ROUNDINGS_PER_LAYER,
    accepted_error,
    allowed_error,
    may_overflow,
    measured_scale,
    overflowed,
    saturated,
    stored_as,
)
from reference.domains import Reals
from reference.rounding import rounded_by
from reference.specification import Array, Quantity, Spec


@dataclass(frozen=True)
class Expected:
    """One named array: what it should be, and the error budget of each element.

    `comparable` masks elements that have no single right value (a gradient at a kink); there only finiteness is asked.
    `overflowing` marks elements for which infinity is as right as the value, `lost` those for which NaN is, too: on the way to them is a
    number that the dtype does not hold.
    `accepted` holds the wider budgets of literal forms, by the name of the form: who needs one is remarked, not failed.
    """

    value: Array
    allowed: Array
    dtype: str
    comparable: Array | None = None
    overflowing: Array | None = None
    accepted: Mapping[str, Array] = field(default_factory=dict[str, Array])
    lost: Array | None = None

    @property
    def infinite(self) -> Array | None:
        """Elements for which infinity of the same sign is as right as the value; None for none."""
        with np.errstate(over="ignore", invalid="ignore"):
            near_the_end = np.isfinite(self.value) & (np.abs(self.value) + self.allowed > LARGEST.get(self.dtype, np.inf))
        masks = [mask for mask in (near_the_end, self.overflowing, self.lost) if mask is not None]
        infinite = np.logical_or.reduce(np.broadcast_arrays(*masks))
        return infinite if infinite.any() else None

    @property
    def widest(self) -> Array:
        """The budget of whichever form needs most."""
        return np.maximum.reduce(
            [np.broadcast_to(budget, np.shape(self.value)) for budget in (self.allowed, *self.accepted.values())]
        )


# Named arrays are compared within a budget, everything else (ids, vocabularies, texts) exactly.
Expectation = Mapping[str, "Expected | Any"]


def expect(spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
    """Every quantity of the specification."""
    return _EXPECT[spec.kind](spec, case)


def expect_structure(spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
    """As `expect`, for who has no numbers to be held to: of a model the budgets, which cost most, are not measured."""
    if not kind_of(spec).measured:
        return expect(spec, case)
    return {
        quantity: {name: Expected(value, np.zeros(()), _dtype_of(name, case)) for name, value in named.items()}
        for quantity, named in _model_results(spec, case.model).items()
    }


def _expect_tokenizer(spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
    return {"value": tokenizer_results(spec.evaluate, case.inputs)}


def _expect_function(spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
    value = np.asarray(spec.evaluate(**case.inputs))
    if spec.error_scale is None:
        return {"value": {"value": Expected(value, np.asarray(ALLOWED_BETWEEN_WHOLE_NUMBERS), value.dtype.name)}}
    length = max(np.size(case.inputs[name]) for name, domain in spec.inputs.items() if isinstance(domain, Reals))
    budget = _Budget(stored_as(case.dtype), spec.roundings, length)
    given, lost = _given_by_forms(spec, case), _lost_as_written(spec, case)
    scales = {form.name: form.error_scale(**case.inputs) for form in spec.accepted if form.error_scale is not None}
    quantities: dict[Quantity, Expectation] = {
        "value": {"value": budget.expected(value, spec.error_scale(**case.inputs), scales, given, lost=lost.get("value"))}
    }
    if spec.vjp is not None and spec.gradient_scale is not None:
        arguments = {"cotangent": case.cotangent, **case.inputs}
        stable = spec.gradient_scale(**arguments)
        forms = {form.name: form.gradient_scale(**arguments) for form in spec.accepted if form.gradient_scale is not None}
        masks = spec.comparable(**case.inputs) if spec.comparable is not None else {}
        quantities["gradient"] = {
            name: budget.expected(
                *(gradient, stable[name], {form: by_name[name] for form, by_name in forms.items()}, given, masks.get(name)),
                lost=lost.get(name),
            )
            for name, gradient in spec.vjp(**arguments).items()
            if name in spec.differentiated
        }
    return quantities


def _given_by_forms(spec: Spec, case: Case) -> dict[str, Array]:
    """What every literal form says of the case in the dtype of the case; NumPy has no bfloat16, whose range is that of float32."""
    dtype = "float32" if case.dtype == "bfloat16" else stored_as(case.dtype)
    inputs = {name: x.astype(dtype) if isinstance(spec.inputs[name], Reals) else x for name, x in case.inputs.items()}
    with np.errstate(all="ignore"):
        return {form.name: np.asarray(form.evaluate(**inputs)) for form in spec.accepted}


def _lost_as_written(spec: Spec, case: Case) -> dict[str, Array]:
    """Elements of value and gradients for which the formula as it is written, stored in the dtype of the case, has no finite number."""
    if spec.as_written is None:
        return {}
    given = spec.as_written(stored_as(case.dtype), case.cotangent, **case.inputs)
    return {name: ~np.isfinite(array) for name, array in given.items()}


@dataclass(frozen=True)
class _Budget:
    """What every array of a formula's case is allowed."""

    dtype: str
    roundings: int
    length: int

    def expected(
        self,
        value: Array,
        scale: Array,
        scales: Mapping[str, Array],
        given: Mapping[str, Array],
        comparable: Array | None = None,
        lost: Array | None = None,
    ) -> Expected:
        """The array within the budget of the formula's own scale, and within those of literal forms, which have `given` the value."""
        allowed = allowed_error(scale, self.dtype, self.roundings, self.length)
        overflowing = may_overflow(scale, self.dtype, self.length)
        return Expected(
            np.asarray(value),
            allowed,
            self.dtype,
            None if comparable is None or comparable.all() else comparable,
            overflowing if overflowing.any() else None,
            {
                form: accepted_error(allowed, own, self.dtype, self.roundings, self.length, _broadcast(given[form], allowed))
                for form, own in scales.items()
            },
            lost if lost is not None and lost.any() else None,
        )


def _broadcast(given: Array, allowed: Array) -> Array:
    """What a form gave, where that can be said element by element; of a gradient only whether all of it was finite."""
    return given if given.shape == np.shape(allowed) else np.asarray(np.sum(given))


def _expect_model(spec: Spec, case: Case) -> Mapping[Quantity, Expectation]:
    exact = _model_results(spec, case.model)
    model = spec.evaluate(**case.model.configuration)
    domains, methods = model.batch_domains(), model.method_domains()
    frozen = model.weights.keys() - set(model.trainable_names)
    perturbation = Perturbation(case.dtype, seed=PERTURBATIONS)
    with rounded_by(perturbation.moved_inside, perturbation.moved):
        runs = [_model_results(spec, perturbation.moved_inputs(case.model, domains, methods)) for _ in range(PERTURBATIONS)]
    early: dict[Quantity, Mapping[str, Array]] = {
        quantity: _at_the_ends(spec, case, quantity, named) for quantity, named in exact.items()
    }
    return {quantity: _measured(quantity, named, runs, early, case, frozen) for quantity, named in exact.items()}


def _at_the_ends(spec: Spec, case: Case, quantity: Quantity, exact: Mapping[str, Array]) -> Mapping[str, Array]:
    """The quantity where functions saturate as early as they may, and where what is too large for the dtype is infinite."""
    dtype = stored_as(case.dtype)
    with rounded_by(lambda result: saturated(result, dtype), lambda number: overflowed(number, dtype)), np.errstate(all="ignore"):
        try:
            return model_result(spec.evaluate, case.model, quantity)
        except ValueError:  # an infinite number is refused by whatever would have to go on with it
            return {name: np.full(np.shape(value), np.nan) for name, value in exact.items()}


def _measured(
    quantity: Quantity,
    named: Mapping[str, Array],
    runs: Sequence[Mapping[Quantity, Mapping[str, Array]]],
    early: Mapping[Quantity, Mapping[str, Array]],
    case: Case,
    frozen: Collection[str],
) -> Expectation:
    length = max(np.size(array) for array in case.model.batch.values())
    # Layers in a row: matrices, and for a sequence its steps.
    depth = len(case.model.weights) // 2 + case.model.batch.get("characters", np.zeros((1, 0))).shape[1]
    expected = {}
    for name, value in named.items():
        if quantity == "training" and name.removeprefix(AGAIN) in frozen:
            expected[name] = Expected(value, np.asarray(ALLOWED_OF_FROZEN), stored_as(case.dtype))
            continue
        scale = measured_scale(value, [run[quantity][name] for run in runs], case.dtype, early[quantity][name])
        terms = 1 if quantity == "activations" else length
        allowed = allowed_error(scale, case.dtype, depth * ROUNDINGS_PER_LAYER, terms)
        lost = ~np.isfinite(early[quantity][name])
        expected[name] = Expected(value, allowed, _dtype_of(name, case), lost=lost if lost.any() else None)
    return expected


def _dtype_of(name: str, case: Case) -> str:
    """Losses of a training run come back as Python floats, whatever the dtype of the model."""
    return "float64" if name.endswith("losses") else stored_as(case.dtype)


def _model_results(spec: Spec, inputs: ModelInputs) -> dict[Quantity, dict[str, Array]]:
    return {quantity: model_result(spec.evaluate, inputs, quantity) for quantity in spec.quantities}


def model_result(model_class: Callable[..., Any], inputs: ModelInputs, quantity: Quantity) -> dict[str, Array]:
    """One quantity of a model in NumPy: the reference, or a changed one."""
    model = model_class(**inputs.configuration)
    model.import_weights(inputs.weights)
    batch = inputs.batch
    match quantity:
        case "activations":
            inference = model.inference(**batch)
            return {
                **model.activations(**batch),
                **{f"inference/{name}": value for name, value in inference.items()},
                **method_results(model, inputs.calls),
                **{RELOADED + name: value for name, value in inference.items()},
            }
        case "value":
            return {name: np.asarray(term) for name, term in model.loss_terms(**batch).items()}
        case "gradient":
            return model.gradients(**batch)
        case "training":
            return training_results(model, inputs.weights, inputs.batches, inputs.training)


# By kind of specification.
_EXPECT: Mapping[str, Callable[[Spec, Case], Mapping[Quantity, Expectation]]] = {
    "function": _expect_function,
    "tokenizer": _expect_tokenizer,
    "model": _expect_model,
}
