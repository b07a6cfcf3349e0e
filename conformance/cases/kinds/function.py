"""A function is called with arguments of its domains; its value is compared, and its gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from conformance.cases.drawing import Recipe, draw_all, plainly
from conformance.cases.kinds.kind import Inputs, Kind
from conformance.cases.kinds.simplicity import parts, written_length
from conformance.tolerance import round_into
from reference.domains import Bits, Ids, Number, Reals, Sequences, Texts
from reference.specification import Array, Spec


def draw_arguments(spec: Spec, dtype: str, recipe: Recipe, rng: np.random.Generator) -> dict[str, Any]:
    """Every argument, but for optional ones that the recipe leaves out: a target has defaults of its own."""
    return plainly(spec, draw_all(spec.inputs, dtype, recipe, rng), recipe)


def simpler_arguments(spec: Spec, inputs: Inputs, dtype: str) -> Iterator[dict[str, Any]]:
    """Shorter axes, fewer and shorter texts and sequences, options at their defaults, rounder numbers."""
    arrays = {name: domain for name, domain in spec.inputs.items() if isinstance(domain, (Reals, Ids, Bits))}
    for axis in dict.fromkeys(axis for domain in arrays.values() for axis in domain.axes):
        for part in parts(max(_extent(inputs[n], d, axis) for n, d in arrays.items())):
            yield {**inputs, **{n: _cut(inputs[n], d, axis, part) for n, d in arrays.items()}}
    for name, domain in spec.inputs.items():
        if isinstance(domain, (Texts, Sequences)):
            for shorter in _shorter(inputs[name], getattr(domain, "least", 1)):
                yield {**inputs, name: shorter}
        elif isinstance(domain, Number) and name in inputs and inputs[name] != domain.default:
            yield {**inputs, name: domain.default}
        elif isinstance(domain, Reals):
            for rounder in _rounder(inputs[name], domain.low, domain.high, dtype):
                yield {**inputs, name: rounder}


def _extent(array: Array, domain: Reals | Ids | Bits, axis: str | int) -> int:
    return array.shape[domain.axes.index(axis)] if axis in domain.axes else 1


def _cut(array: Array, domain: Reals | Ids | Bits, axis: str | int, part: slice) -> Array:
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
        if written_length(rounded) < written_length(array):
            yield rounded


def _is_constant(array: Array, values: tuple[float, ...]) -> bool:
    return any(bool(np.all(array == value)) for value in values)


def _shorter(items: list[Any], least: int) -> Iterator[list[Any]]:
    """Without one item; then with one item cut in half."""
    if len(items) > least:
        for i in range(len(items)):
            yield items[:i] + items[i + 1 :]
    for i, item in enumerate(items):
        if len(item) > 1:
            yield [*items[:i], item[: len(item) // 2], *items[i + 1 :]]
            yield [*items[:i], item[len(item) // 2 :], *items[i + 1 :]]


def _tensors(spec: Spec) -> tuple[str, ...]:
    return tuple(name for name, domain in spec.inputs.items() if isinstance(domain, (Reals, Ids, Bits)))


FUNCTION = Kind(
    name="function",
    label="formula",
    title="Formulas",
    called=True,
    trained=False,
    cost=1,
    compiled_examples=8,
    attempts=120,
    measured=False,
    draw=draw_arguments,
    real=lambda spec, dtype, images: iter(()),
    real_count=lambda spec: 0,
    simpler=simpler_arguments,
    options=lambda inputs: inputs,
    tensors=_tensors,
)
