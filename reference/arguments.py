"""Checks of arguments, made before any arithmetic. Every message names the argument, what was expected and what was given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from reference.specification import Array

REDUCTIONS = ("mean", "sum", "none")


@np.errstate(over="ignore", invalid="ignore")
def real_array(name: str, value: Any, rank: int | None = None, least_rank: int = 0) -> Array:
    """Return `value` as a float64 array (complex128 stays, for complex-step derivatives).

    Raises TypeError for what is not a real array and ValueError for a wrong rank, an empty batch, NaN or infinity.
    """
    try:
        array = np.asarray(value)
    except ValueError as ragged:
        raise TypeError(f"{name}: expected a real array, got a ragged sequence") from ragged
    if array.dtype.kind not in "fiuc":
        raise TypeError(f"{name}: expected a real array, got {_describe(value, array)}")
    if rank is not None and array.ndim != rank:
        raise ValueError(f"{name}: expected an array of rank {rank}, got shape {array.shape}")
    if array.ndim < least_rank:
        raise ValueError(f"{name}: expected an array of rank {least_rank} or more, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one element, got shape {array.shape}")
    if array.dtype.kind != "c":
        array = array.astype(np.float64, copy=False)
    # min() and max() are NaN when any element is; together they cost less than isfinite().all().
    if array.dtype.kind != "c" and not math.isfinite(array.max() - array.min()):
        _refuse_non_finite(name, array)
    return array


def _refuse_non_finite(name: str, array: Array) -> None:
    indices = np.argwhere(~np.isfinite(array))
    if len(indices):  # there may be none: the difference of two large numbers overflows too
        index = tuple(int(i) for i in indices[0])
        kind = "NaN" if np.isnan(array[index]) else "infinity"
        raise ValueError(f"{name}: expected finite numbers, got {kind} first at index {index}")


def same_shape_and_dtype(first_name: str, first: Any, second_name: str, second: Any) -> None:
    """Refuse to broadcast and refuse to mix precisions: both hide mistakes."""
    first_shape, second_shape = _shape(first_name, first), _shape(second_name, second)
    if first_shape != second_shape:
        raise ValueError(f"{second_name}: expected the shape of {first_name}, {first_shape}, got {second_shape}")
    same_dtype(first_name, first, second_name, second)


def same_dtype(first_name: str, first: Any, second_name: str, second: Any) -> None:
    """Refuse to mix precisions; the shape of the second is its own."""
    first_dtype, second_dtype = getattr(first, "dtype", None), getattr(second, "dtype", None)
    mixed = first_dtype is not None and second_dtype is not None and first_dtype != second_dtype
    if mixed and "c" not in (first_dtype.kind, second_dtype.kind):  # type: ignore[union-attr]
        raise TypeError(f"{second_name}: expected the dtype of {first_name}, {first_dtype}, got {second_dtype}")


def paired(first_name: str, first: Any, second_name: str, second: Any, rank: int = 2) -> tuple[Array, Array]:
    """Return both as float64 arrays of one shape and of the rank; see `real_array` and `same_shape_and_dtype`."""
    same_shape_and_dtype(first_name, first, second_name, second)
    return real_array(first_name, first, rank=rank), real_array(second_name, second, rank=rank)


def number_between(name: str, value: Any, low: float, high: float, low_included: bool = False) -> float:
    """Return `value` as a float inside the interval."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")
    bracket = "[" if low_included else "("
    inside = low <= value < high if low_included else low < value < high
    if not inside:
        raise ValueError(f"{name}: expected a number in {bracket}{low:g}, {high:g}), got {value!r}")
    return float(value)


def one_of(name: str, value: Any, options: Iterable[str]) -> str:
    """Return `value` if it is one of the named options."""
    options = tuple(options)
    if value not in options:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, options))}, got {value!r}")
    return value


def whole_number(name: str, value: Any, least: int | None = None) -> int:
    """Return `value` as an int of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number, got {type(value).__name__}")
    if least is not None and value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value}")
    return int(value)


def list_of_texts(name: str, value: Any) -> list[str]:
    """Return `value` as a list of str. A bare str is refused: it would be read as a list of one-character texts."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{name}: expected a list of str, got {type(value).__name__}")
    texts = list(value)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected a list of str, got {type(text).__name__} at position {position}")
    return texts


def unit_interval(name: str, array: Array) -> Array:
    """Return `array` if all of it is in [0, 1]."""
    if np.real(array).min() < 0.0 or np.real(array).max() > 1.0:
        bad = array[(np.real(array) < 0.0) | (np.real(array) > 1.0)][0]
        raise ValueError(f"{name}: expected values in [0, 1], got {bad!s}")
    return array


def reduce_batch(per_sample: Array, reduction: str) -> Array:
    """Mean or sum of one number a sample, or the numbers themselves."""
    if reduction == "none":
        return per_sample
    return per_sample.mean() if reduction == "mean" else per_sample.sum()


def cotangent_per_sample(cotangent: Any, reduction: str, batch: int) -> Array:
    """The cotangent of every sample's loss before `reduce_batch`, (B, 1)."""
    share = 1.0 / batch if reduction == "mean" else 1.0
    return np.broadcast_to(np.asarray(cotangent) * share, (batch,))[:, None]


def layer_sizes(name: str, value: Any, least: int) -> tuple[int, ...]:
    """Return `value` as a tuple of at least `least` positive whole numbers."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"{name}: expected a sequence of whole numbers, got {type(value).__name__}")
    sizes = tuple(whole_number(f"{name}[{i}]", size, 1) for i, size in enumerate(value))
    if len(sizes) < least:
        raise ValueError(f"{name}: expected at least {least} sizes, got {len(sizes)}")
    return sizes


def whole_numbers(name: str, value: Any, shape: tuple[int | None, ...], count: int) -> Array:
    """Return `value` as an int64 array of the shape (None: any length but 0), each from 0 to `count` − 1."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected whole numbers, got {_describe(value, array)}")
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits or array.size == 0:
        expected = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name}: expected shape ({expected}), got {array.shape}")
    if array.min() < 0 or array.max() >= count:
        bad = array[(array < 0) | (array >= count)][0]
        raise ValueError(f"{name}: expected numbers from 0 to {count - 1}, got {bad}")
    return array.astype(np.int64, copy=False)


def _shape(name: str, value: Any) -> tuple[int, ...]:
    try:
        return np.shape(value)
    except ValueError as ragged:
        raise TypeError(f"{name}: expected a real array, got a ragged sequence") from ragged


def _describe(value: Any, array: Array) -> str:
    return f"dtype {array.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
