"""Bad calls that follow from a function's domains: what every array, number and choice refuses, whatever the formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from conformance.cases.case import draw
from conformance.cases.drawing import Recipe
from conformance.cases.profiles import ORDINARY
from reference.specification import Choice, Number, Reals, Spec, catalogue

# As in `test_refusals`: function, call, type of the error, what the message begins with, what it must also mention.
Row = tuple[Callable[..., Any], Callable[[], Any], type[Exception], str, str]


def rows() -> Iterator[Row]:
    """Those of every specified function of real arrays."""
    for spec in catalogue().values():
        arrays = [name for name, domain in spec.inputs.items() if isinstance(domain, Reals)]
        if spec.kind == "function" and arrays:
            inputs = draw(spec, "float64", Recipe(ORDINARY, length=3)).inputs
            for name, domain in spec.inputs.items():
                for error, value, mention in _bad_values(domain, arrays, name, inputs.get(name)):
                    yield spec.evaluate, partial(_call, spec, inputs, arrays, name, value), error, name, mention


def _call(spec: Spec, inputs: dict[str, Any], arrays: list[str], name: str, value: Any) -> Any:
    """The call with one argument exchanged; with the first array all of them, since the others are held against it."""
    return spec.evaluate(**{**inputs, **dict.fromkeys(arrays if name == arrays[0] else (name,), value)})


def _bad_values(domain: Any, arrays: list[str], name: str, good: Any) -> Iterator[tuple[type[Exception], Any, str]]:
    match domain:
        case Reals():
            yield from _bad_arrays(good, first=name == arrays[0])
        case Number():
            yield from ((TypeError, value, type(value).__name__) for value in (None, "0.1", True, [0.1], 0.1j))
            yield from ((ValueError, value, "") for value in (math.nan, math.inf, -math.inf))
            if domain.low >= 0:
                yield ValueError, -1e-9, ""
        case Choice():
            yield ValueError, "unheard of", repr(domain.options[0])
            yield ValueError, None, repr(domain.options[0])


def _bad_arrays(good: np.ndarray, first: bool) -> Iterator[tuple[type[Exception], Any, str]]:
    not_a_number = good.copy()
    not_a_number.flat[-1] = math.nan
    yield ValueError, not_a_number, str(tuple(extent - 1 for extent in good.shape))
    yield TypeError, good.astype(str), ""
    yield TypeError, good.astype(object), ""
    yield TypeError, good > 0, "bool"
    if first:
        yield ValueError, np.zeros((0, *good.shape[1:])), "(0"
    else:
        yield ValueError, good[:-1], str(good[:-1].shape)
        yield TypeError, good.astype(np.float32), "float32"
