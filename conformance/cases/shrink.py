"""From a failing case to a small one that fails too: fewer samples, fewer units, rounder numbers, shorter texts.

Greedy: every step proposes a simpler case and keeps it if the target still fails it, until nothing simpler fails or the
attempts are spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.cases.case import Case, with_cotangent
from conformance.cases.drawing import Recipe, configured_inputs
from conformance.cases.profiles import ORDINARY
from conformance.respondent.model_inputs import ModelInputs
from conformance.tolerance import round_into, round_to
from reference.specification import Array, Number, Reals, Sequences, Spec, Texts, Whole, Widths

ATTEMPTS = 120
# The expectation of a model costs nine runs with training.
ATTEMPTS_WITH_A_MODEL = 40
# Weights and inputs to two digits are short to write, and still so different that no two of them are equal by rounding.
_DIGITS_IN_A_MODEL = 2


def shrink(spec: Spec, case: Case, fails: Callable[[Case], bool], attempts: int | None = None) -> Case:
    """The simplest failing case found; `case` itself if nothing simpler fails."""
    best, progress = case, True
    if attempts is None:
        attempts = ATTEMPTS_WITH_A_MODEL if spec.kind == "model" else ATTEMPTS
    tried = {case.id}
    while progress and attempts > 0:
        progress = False
        for candidate in _simpler(spec, best):
            if attempts == 0:
                break
            if candidate.id in tried:
                continue
            tried.add(candidate.id)
            attempts -= 1
            if fails(candidate):
                best, progress = candidate, True
                break
    return best


def _simpler(spec: Spec, case: Case) -> Iterator[Case]:
    """Simpler cases, the boldest first."""
    for inputs in _simpler_models(spec, case) if spec.kind == "model" else _simpler_inputs(spec, case):
        yield with_cotangent(spec, replace(case, inputs=inputs, flags=(*case.flags[:1], "shrunk")))


def _simpler_inputs(spec: Spec, case: Case) -> Iterator[dict[str, Any]]:
    inputs = dict(case.inputs)
    arrays = {name: domain for name, domain in spec.inputs.items() if isinstance(domain, Reals)}
    for axis in dict.fromkeys(axis for domain in arrays.values() for axis in domain.axes):
        for part in _parts(max(_extent(inputs[n], d, axis) for n, d in arrays.items())):
            yield {**inputs, **{n: _cut(inputs[n], d, axis, part) for n, d in arrays.items()}}
    for name, domain in spec.inputs.items():
        if isinstance(domain, (Texts, Sequences)):
            for shorter in _shorter(inputs[name], getattr(domain, "least", 1)):
                yield {**inputs, name: shorter}
        elif isinstance(domain, Number) and name in inputs and inputs[name] != domain.default:
            yield {**inputs, name: domain.default}
        elif isinstance(domain, Reals):
            for rounder in _rounder(inputs[name], domain.low, domain.high, case.dtype):
                yield {**inputs, name: rounder}


def _simpler_models(spec: Spec, case: Case) -> Iterator[dict[str, Any]]:
    for inputs in _simpler_model(spec, case.model, case.dtype):
        yield inputs.named()


def _simpler_model(spec: Spec, inputs: ModelInputs, dtype: str) -> Iterator[ModelInputs]:
    """A smaller model with new weights; then fewer rows in every batch, fewer training steps, numbers of two digits."""
    steps = len(inputs.batches)
    for configuration in _simpler_configurations(spec, inputs.configuration):
        for seed in range(2):
            rng = np.random.default_rng(seed)
            try:
                smaller = configured_inputs(spec, configuration, dtype, Recipe(ORDINARY, 2, seed), rng, steps)
            except ValueError:  # two options that exclude each other
                break
            yield replace(smaller, training=inputs.training)
    rows = max(len(array) for array in inputs.batch.values())
    for part in _parts(rows):
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
    shorter = any(_written_length(rounded[name]) < _written_length(array) for name, array in arrays.items())
    return rounded if shorter else None


def _simpler_configurations(spec: Spec, configuration: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All sizes small at once, then one option at a time."""
    smallest = {name: _smallest(spec.inputs[name], value) for name, value in configuration.items()}
    narrow = {name: _narrow(value) for name, value in configuration.items() if isinstance(spec.inputs[name], Widths)}
    for changed in (smallest, {**smallest, **narrow}, narrow, *({name: value} for name, value in smallest.items())):
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
    text = [float(f"{x:.{_DIGITS_IN_A_MODEL - 1}e}") for x in array.ravel()]
    return round_to(np.array(text).reshape(array.shape), dtype)


def _cut_rows(batch: Mapping[str, Array], part: slice) -> dict[str, Array]:
    return {name: array[part] if len(array[part]) else array[-1:] for name, array in batch.items()}


def _parts(length: int) -> Iterator[slice]:
    """Halves, then all but the last, of an axis."""
    if length > 1:
        half = length // 2
        yield slice(0, half)
        yield slice(half, None)
        if half > 1:
            yield slice(0, length - 1)


def _extent(array: Array, domain: Reals, axis: str | int) -> int:
    return array.shape[domain.axes.index(axis)] if axis in domain.axes else 1


def _cut(array: Array, domain: Reals, axis: str | int, part: slice) -> Array:
    if axis not in domain.axes:
        return array
    return array[tuple(part if a == axis else slice(None) for a in domain.axes)]


def _rounder(array: Array, low: float, high: float, dtype: str) -> Iterator[Array]:
    """All zero, all one, then every element to one digit, two and three. Only what is simpler than the array is proposed."""
    for value in (0.0, 1.0):
        if low <= value <= high and np.any(array != value) and not _is_constant(array, (0.0, 1.0)):
            yield np.full_like(array, value)
    for digits in (1, 2, 3):
        text = np.array([float(f"{x:.{digits - 1}e}") for x in array.ravel()]).reshape(array.shape)
        rounded = round_into(text, low, high, dtype)
        if _written_length(rounded) < _written_length(array):
            yield rounded


def _is_constant(array: Array, values: tuple[float, ...]) -> bool:
    return any(bool(np.all(array == value)) for value in values)


def _written_length(array: Array) -> int:
    return sum(len(np.format_float_scientific(x, trim="-")) for x in array.astype(np.float32).ravel())


def _shorter(items: list[Any], least: int) -> Iterator[list[Any]]:
    """Without one item; then with one item cut in half."""
    if len(items) > least:
        for i in range(len(items)):
            yield items[:i] + items[i + 1 :]
    for i, item in enumerate(items):
        if len(item) > 1:
            yield [*items[:i], item[: len(item) // 2], *items[i + 1 :]]
            yield [*items[:i], item[len(item) // 2 :], *items[i + 1 :]]
