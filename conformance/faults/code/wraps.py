"""Changes of a finished function: of what it returns, of what it is given, of what it does besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[..., Any]
_LARGEST_EXPONENT = 88.0  # beyond it e^x overflows in single precision


def _answering(change: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """A change of what is returned."""
    return lambda function: lambda **inputs: change(function(**inputs))


def value_repeated(function: Function) -> Function:
    def repeated(**inputs: Any) -> Any:
        value = np.asarray(function(**inputs))
        return np.broadcast_to(value, (len(_arrays(inputs)[0]),)).copy() if value.ndim == 0 else value

    return repeated


def _arrays(inputs: dict[str, Any]) -> list[Any]:
    """The arrays among the inputs."""
    return [x for x in inputs.values() if isinstance(x, np.ndarray)]


def _asking(change: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """A change of every array that is given."""
    return lambda function: (
        lambda **inputs: function(**{n: change(x) if isinstance(x, np.ndarray) else x for n, x in inputs.items()})
    )


def _refusing(bad: Callable[[tuple[int, ...]], bool], message: str) -> Callable[[Function], Function]:
    """Raise for some shapes."""

    def wrap(function: Function) -> Function:
        def refusing(**inputs: Any) -> Any:
            if bad(_arrays(inputs)[0].shape):
                raise ValueError(message)
            return function(**inputs)

        return refusing

    return wrap


def nan_for_large(function: Function) -> Function:
    def overflowing(**inputs: Any) -> Any:
        overflows = any(np.abs(x).max() > _LARGEST_EXPONENT for x in _arrays(inputs))
        return function(**inputs) * (np.nan if overflows else 1.0)

    return overflowing


def input_changed(function: Function) -> Function:
    def changing(**inputs: Any) -> Any:
        value = function(**inputs)
        for array in _arrays(inputs):
            array += 1.0
        return value

    return changing


def remembers_calls(function: Function) -> Function:
    mean = [0.0]

    def remembering(**inputs: Any) -> Any:
        mean[0] += 0.125
        return function(**inputs) + mean[0]

    return remembering


def depends_on_chance(function: Function) -> Function:
    rng = np.random.default_rng()
    return lambda **inputs: function(**inputs) * (1.0 + 0.1 * rng.standard_normal())


python_float = _answering(lambda value: float(np.sum(value)))
returns_none = _answering(lambda value: None)
returns_tuple = _answering(lambda value: (value, value))
returns_list = _answering(lambda value: np.asarray(value).tolist() if np.ndim(value) else [value])
returns_truth = _answering(lambda value: np.asarray(value) > 0)
returns_single = _answering(lambda value: np.asarray(value).astype(np.float32))
returns_whole = _answering(lambda value: np.clip(value, -1e18, 1e18).astype(np.int64))
keeps_axis = _answering(lambda value: np.asarray(value)[..., None])
extra_batch_axis = _answering(lambda value: np.asarray(value)[None])
rounded_result = _answering(lambda value: np.round(value, 4))
batch_reversed = _answering(lambda value: value[::-1].copy() if np.ndim(value) else value)
rounded_inputs = _asking(lambda x: np.round(x, 3))
negative_lost = _asking(np.abs)
single_precision = _asking(lambda x: x.astype(np.float32).astype(np.float64))
half_precision = _asking(lambda x: np.clip(x, -65504, 65504).astype(np.float16).astype(x.dtype))
first_half_only = _asking(lambda x: x[: (len(x) + 1) // 2])
fails_single_sample = _refusing(lambda shape: shape[0] == 1, "axis 1 is out of bounds for array of dimension 1")
fails_single_unit = _refusing(lambda shape: shape[1] == 1, "axis 1 is out of bounds for array of dimension 1")
square_only = _refusing(lambda shape: shape[0] != shape[1], "operands could not be broadcast together")
always_raises = _refusing(lambda shape: True, "no idea")
