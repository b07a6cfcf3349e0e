"""A model is built from a configuration and given weights; activations, loss terms, gradients and training steps are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.cases import real_data
from conformance.cases.drawing import Recipe
from conformance.cases.kinds.kind import Kind
from conformance.cases.kinds.model_drawing import LEARNING_RATES, TRAINING_STEPS, configured, draw_model
from conformance.cases.kinds.simplicity import parts, written_length
from conformance.cases.profiles import ORDINARY
from conformance.cases.real_data import ImageRows
from conformance.respondent.model_inputs import ModelInputs
from conformance.tolerance import round_to
from reference.domains import Length, Number, Reals, Whole, Widths
from reference.specification import Array, Spec

# What real data is trained with.
_OPTIMIZERS_OF_REAL_DATA = ("sgd", "adam")
_STEPS_BY_DEFAULT = 2
# Weights and inputs to two digits are short to write, and still so different that no two of them are equal by rounding.
_DIGITS = 2


def _real(spec: Spec, dtype: str, images: ImageRows | None) -> Iterator[dict[str, Any]]:
    real = real_data.real_model(spec, TRAINING_STEPS, images)
    if real is None:
        return
    domains = real.model.batch_domains()
    batches = [{n: round_to(a, dtype) if isinstance(domains[n], Reals) else a for n, a in batch.items()} for batch in real.batches]
    weights = {n: round_to(w, dtype) for n, w in real.model.export_weights().items()}
    for optimizer in _OPTIMIZERS_OF_REAL_DATA:
        training = {"optimizer": optimizer, "learning_rate": LEARNING_RATES[optimizer]}
        yield ModelInputs(real.configuration, weights, batches[0], batches[1:], training).named()
    yield _by_default(spec, dtype).named()


def _by_default(spec: Spec, dtype: str) -> ModelInputs:
    """The model that a user gets who says nothing, trained as it is when nothing is said: no default is read from anything but itself."""
    inputs = configured(spec, {}, dtype, Recipe(ORDINARY, 3), np.random.default_rng(0), _STEPS_BY_DEFAULT)
    weights = {name: round_to(value, dtype) for name, value in spec.evaluate().export_weights().items()}
    return replace(inputs, weights=weights)


def _simpler_model(spec: Spec, inputs: ModelInputs, dtype: str) -> Iterator[ModelInputs]:
    """Without calls of other methods; a smaller model with new weights; then fewer rows in every batch, fewer steps, two digits."""
    steps = len(inputs.batches)
    if inputs.calls:
        yield replace(inputs, calls={})
    for configuration in _simpler_configurations(spec, inputs.configuration):
        for seed in range(2):
            rng = np.random.default_rng(seed)
            try:
                smaller = configured(spec, configuration, dtype, Recipe(ORDINARY, 2, seed), rng, steps)
            except ValueError:  # two options that exclude each other
                break
            yield replace(smaller, training=inputs.training, calls=smaller.calls if inputs.calls else {})
    rows = max(len(array) for array in inputs.batch.values())
    for part in parts(rows):
        cut = _cut_rows(inputs.batch, part)
        yield replace(inputs, batch=cut, batches=[_cut_rows(batch, part) for batch in inputs.batches])
        yield replace(inputs, batch=cut)
    if steps > 1:
        yield replace(inputs, batches=inputs.batches[: steps // 2])
    if (rounded := _to_two_digits(inputs.weights, dtype)) is not None:
        yield replace(inputs, weights=rounded)
    if (rounded := _to_two_digits(inputs.batch, dtype)) is not None:
        yield replace(inputs, batch=rounded)


def _to_two_digits(arrays: Mapping[str, Array], dtype: str) -> dict[str, Array] | None:
    """The arrays with fewer digits; None if that makes none shorter to write."""
    rounded = {name: _to_digits(array, dtype) for name, array in arrays.items()}
    shorter = any(written_length(rounded[name]) < written_length(array) for name, array in arrays.items())
    return rounded if shorter else None


def _simpler_configurations(spec: Spec, configuration: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All sizes small at once, then one option at a time."""
    smallest = {name: _smallest(spec.inputs[name], value) for name, value in configuration.items()}
    narrow = {name: _narrow(value) for name, value in configuration.items() if isinstance(spec.inputs[name], Widths)}
    shallower = {
        name: _narrow(configuration[name][:-1])
        for name, domain in spec.inputs.items()
        if isinstance(domain, Widths) and len(configuration.get(name, ())) > domain.least
    }
    for changed in (
        smallest,
        {**smallest, **narrow},
        {**smallest, **shallower},
        narrow,
        *({name: value} for name, value in smallest.items()),
    ):
        simpler = {**configuration, **changed}
        if simpler != configuration:
            yield simpler


def _smallest(domain: object, value: Any) -> Any:
    """The plainest value of an option's domain. A choice stays: a mistake may be in what was chosen."""
    match domain:
        case Widths():
            least = _narrow(value[: domain.least])
            return least if sum(least) < sum(value) else value
        case Whole() if value is not None:
            return min(value, max(domain.low, 2))
        case Length() if value is not None:
            return min(value, max(domain.least, 2))
        case Number():
            return domain.default
    return value


def _narrow(widths: tuple[int, ...]) -> tuple[int, ...]:
    """As many layers, each as narrow as it can be while all differ."""
    least = tuple(range(len(widths) + 1, 1, -1))
    return least if sum(least) < sum(widths) else tuple(widths)


def _to_digits(array: Array, dtype: str) -> Array:
    if array.dtype.kind != "f":
        return array
    text = [float(f"{x:.{_DIGITS - 1}e}") for x in array.ravel()]
    return round_to(np.array(text).reshape(array.shape), dtype)


def _cut_rows(batch: Mapping[str, Array], part: slice) -> dict[str, Array]:
    return {name: array[part] if len(array[part]) else array[-1:] for name, array in batch.items()}


MODEL = Kind(
    name="model",
    label="model",
    title="Models",
    called=False,
    trained=True,
    # A case runs forward, backward and some training steps, on nine copies of the reference; a formula is one line of arithmetic.
    cost=6,
    # A formula is compiled in a second, a model in up to half a minute.
    compiled_examples=4,
    attempts=40,
    measured=True,
    draw=lambda spec, dtype, recipe, rng: draw_model(spec, dtype, recipe, rng).named(),
    real=_real,
    real_count=lambda spec: 0 if spec.real is None else len(_OPTIMIZERS_OF_REAL_DATA) + 1,
    simpler=lambda spec, inputs, dtype: (model.named() for model in _simpler_model(spec, ModelInputs.of(inputs), dtype)),
    options=lambda inputs: ModelInputs.of(inputs).configuration,
    tensors=lambda spec: (),
)
