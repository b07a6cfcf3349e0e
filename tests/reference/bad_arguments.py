"""Bad calls that follow from domains: what every array, number, choice and list of widths refuses, whatever the formula or model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from conformance.cases.case import draw
from conformance.cases.drawing import Recipe
from conformance.cases.profiles import ORDINARY
from reference.domains import Choice, Number, Reals, Widths
from reference.specification import Spec, catalogue

# As in `test_refusals`: function, call, type of the error, what the message begins with, what it must also mention.
Row = tuple[Callable[..., Any], Callable[[], Any], type[Exception], str, str]


def rows() -> Iterator[Row]:
    """Those of every specified function of real arrays, and of every model."""
    for spec in catalogue().values():
        if spec.kind == "model":
            yield from _of_model(spec)
        reals = {name: domain for name, domain in spec.inputs.items() if isinstance(domain, Reals)}
        # Those that are held against the first: as long as it is in every direction.
        arrays = [name for name, domain in reals.items() if domain.axes == next(iter(reals.values())).axes]
        if spec.kind == "function" and arrays:
            inputs = draw(spec, "float64", Recipe(ORDINARY, length=3)).inputs
            for name, domain in spec.inputs.items():
                for error, value, mention in _bad_values(domain, arrays, name, inputs.get(name)):
                    yield spec.evaluate, partial(_call, spec, inputs, arrays, name, value), error, name, mention


def _of_model(spec: Spec) -> Iterator[Row]:
    """Bad options of its constructor, and inputs that no batch of it may hold."""
    case = draw(spec, "float64", Recipe(ORDINARY, length=3))
    options, batch = case.model.configuration, case.model.batch
    for name, domain in spec.inputs.items():
        for error, value, mention in _bad_values(domain, [name], name, None):
            if not isinstance(domain, Number):
                yield spec.evaluate, partial(spec.evaluate, **{**options, name: value}), error, name, mention
    for name, array in batch.items():
        if array.dtype.kind == "f" and array.ndim == 2:
            for error, value in (
                (ValueError, np.full(array.shape, math.nan)),
                (ValueError, array[:, :0]),
                (TypeError, array.astype(str)),
            ):
                yield spec.evaluate, partial(_loss_of, spec, options, {**batch, name: value}), error, name, ""


def _loss_of(spec: Spec, options: Mapping[str, Any], batch: Mapping[str, Any]) -> Any:
    return spec.evaluate(**options).loss_terms(**batch)


def _call(spec: Spec, inputs: dict[str, Any], arrays: list[str], name: str, value: Any) -> Any:
    """The call with one argument exchanged; with the first array all of them, since the others are held against it."""
    return spec.evaluate(**{**inputs, **dict.fromkeys(arrays if name == arrays[0] else (name,), value)})


def _bad_values(domain: Any, arrays: list[str], name: str, good: Any) -> Iterator[tuple[type[Exception], Any, str]]:
    match domain:
        case Reals():
            yield from _bad_arrays(good, held_against=name in arrays[1:])
        case Number():
            yield from ((TypeError, value, type(value).__name__) for value in (None, "0.1", True, [0.1], 0.1j))
            yield from ((ValueError, value, "") for value in (math.nan, math.inf, -math.inf))
            if domain.low >= 0:
                yield ValueError, -1e-9, ""
        case Widths():
            yield from ((TypeError, value, type(value).__name__) for value in (784, "784", None, {2, 3}))
            yield from ((ValueError, value, "") for value in ((), (3,)))
        case Choice(options=(str(), *_)):
            yield ValueError, "unheard of", repr(domain.options[0])
            yield ValueError, None, repr(domain.options[0])


def _bad_arrays(good: np.ndarray, held_against: bool) -> Iterator[tuple[type[Exception], Any, str]]:
    not_a_number = good.copy()
    not_a_number.flat[-1] = math.nan
    yield ValueError, not_a_number, str(tuple(extent - 1 for extent in good.shape))
    yield TypeError, good.astype(str), ""
    yield TypeError, good.astype(object), ""
    yield TypeError, good > 0, "bool"
    if not held_against:
        yield ValueError, np.zeros((0, *good.shape[1:])), "(0"
        yield ValueError, good[0], str(good[0].shape)
    else:
        yield ValueError, good[:-1], str(good[:-1].shape)
        yield TypeError, good.astype(np.float32), "float32"
