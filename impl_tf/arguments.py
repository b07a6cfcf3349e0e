"""Checks of arguments, made before any arithmetic and, for tensors, on what is known while a function is traced."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf

REDUCTIONS = ("mean", "sum", "none")


def floating_tensor(name: str, value: Any, rank: int | None = None, least_rank: int = 0) -> tf.Tensor:
    """Return `value` as a tensor, after refusing what is not floating (TypeError), has the wrong rank or is empty (ValueError)."""
    tensor = _tensor(name, value)
    if not tensor.dtype.is_floating:
        raise TypeError(f"{name}: expected a floating-point tensor, got dtype {tensor.dtype.name}")
    known = tensor.shape.rank
    if known is None:
        return tensor
    if rank is not None and known != rank:
        raise ValueError(f"{name}: expected a tensor of rank {rank}, got shape {tuple(tensor.shape)}")
    if known < least_rank:
        raise ValueError(f"{name}: expected a tensor of rank {least_rank} or more, got shape {tuple(tensor.shape)}")
    if 0 in tuple(tensor.shape):
        raise ValueError(f"{name}: expected at least one element, got shape {tuple(tensor.shape)}")
    return tensor


def like(first_name: str, first: tf.Tensor, name: str, value: Any) -> tf.Tensor:
    """Return `value` as a tensor, after refusing one that would have to be broadcast or converted to meet the first."""
    tensor = _tensor(name, value)
    if not tensor.shape.is_compatible_with(first.shape):
        raise ValueError(f"{name}: expected the shape of {first_name}, {tuple(first.shape)}, got {tuple(tensor.shape)}")
    if tensor.dtype != first.dtype:
        raise TypeError(f"{name}: expected the dtype of {first_name}, {first.dtype.name}, got {tensor.dtype.name}")
    return tensor


def whole_tensor(name: str, value: Any, count: int, shape: tuple[int | None, ...]) -> tf.Tensor:
    """Return `value` as a tensor of the shape (None: any length but 0), each number from 0 to `count` − 1.

    Lists are accepted too. Numbers are looked at in eager mode only: while a function is traced there are none.
    """
    tensor = value if tf.is_tensor(value) else _tensor(name, np.asarray(value))
    if not tensor.dtype.is_integer:
        raise TypeError(f"{name}: expected whole numbers, got dtype {tensor.dtype.name}")
    if not tensor.shape.is_compatible_with(shape) or (tensor.shape.rank is not None and 0 in tuple(tensor.shape)):
        raise ValueError(f"{name}: expected shape {_shape(shape)}, got {tuple(tensor.shape)}")
    if hasattr(tensor, "numpy"):
        refuse_outside(name, tensor.numpy(), count)
    return tensor if tensor.dtype in (tf.int32, tf.int64) else tf.cast(tensor, tf.int64)


def refuse_outside(name: str, numbers: np.ndarray, count: int) -> None:
    """Refuse numbers that are not from 0 to `count` − 1: TensorFlow wraps −1, or takes the last row for what lies beyond."""
    if numbers.min() < 0 or numbers.max() >= count:
        offending = numbers[(numbers < 0) | (numbers >= count)][0]
        raise ValueError(f"{name}: expected numbers from 0 to {count - 1}, got {offending}")


def refuse_non_finite(name: str, array: np.ndarray) -> None:
    """Refuse NaN and infinity, naming the first index."""
    # min() and max() are NaN when any element is; together they cost less than isfinite().all() and need no room.
    if array.dtype.kind != "f" or array.size == 0 or (math.isfinite(array.min()) and math.isfinite(array.max())):
        return
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    kind = "NaN" if np.isnan(array[index]) else "infinity"
    raise ValueError(f"{name}: expected finite numbers, got {kind} first at index {index}")


def widened(value: tf.Tensor) -> tf.Tensor:
    """`value` in a precision that formulas may be computed in: float32 for anything narrower."""
    return value if value.dtype in (tf.float32, tf.float64) else tf.cast(value, tf.float32)


def number_between(name: str, value: Any, low: float, high: float, low_included: bool = False) -> float:
    """Return `value` as a float inside the interval."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")
    if not (low < value < high or (low_included and value == low)):
        bracket = "[" if low_included else "("
        raise ValueError(f"{name}: expected a number in {bracket}{low:g}, {high:g}), got {value!r}")
    return float(value)


def whole_number(name: str, value: Any, least: int | None = None) -> int:
    """Return `value` as an int of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: expected a whole number, got {type(value).__name__}")
    if least is not None and value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value}")
    return int(value)


def one_of(name: str, value: Any, options: Collection[str]) -> str:
    """Return `value` if it is one of the named options."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, options))}, got {value!r}")
    return value


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected a bool, got {type(value).__name__}")
    return value


def layer_sizes(name: str, value: Any, least: int) -> tuple[int, ...]:
    """Return `value` as a tuple of at least `least` positive whole numbers."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"{name}: expected a sequence of whole numbers, got {type(value).__name__}")
    if len(value) < least:
        raise ValueError(f"{name}: expected at least {least} sizes, got {len(value)}")
    return tuple(whole_number(f"{name}[{position}]", size, least=1) for position, size in enumerate(value))


def floating_policy(name: str, value: Any) -> keras.DTypePolicy:
    """Return a Keras dtype policy with floating-point variables; None means the global one."""
    try:
        given = keras.backend.standardize_dtype(value) if isinstance(value, (tf.DType, np.dtype, type)) else value
        policy = keras.dtype_policies.get(given)
    except (TypeError, ValueError) as unknown:
        raise TypeError(f"{name}: expected a floating-point dtype, got {value!r}") from unknown
    if not keras.backend.is_float_dtype(policy.variable_dtype):
        raise TypeError(f"{name}: expected a floating-point dtype, got {policy.variable_dtype}")
    return policy


def _tensor(name: str, value: Any) -> tf.Tensor:
    if not (tf.is_tensor(value) or isinstance(value, (np.ndarray, np.generic, keras.Variable))):
        raise TypeError(f"{name}: expected a tensor or a NumPy array, got {type(value).__name__}")
    try:
        return tf.convert_to_tensor(value)
    except (TypeError, ValueError) as refused:
        raise TypeError(f"{name}: expected a floating-point tensor, got {_kind(value)}") from refused


def _shape(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if extent is None else str(extent) for extent in shape)})"


def _kind(value: Any) -> str:
    return f"dtype {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
