"""Checks of arguments, made before any arithmetic and, for tensors, on what is known while a function is traced."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
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
    tensor_rank = tensor.shape.rank
    if tensor_rank is None:
        return tensor
    if rank is not None and tensor_rank != rank:
        raise ValueError(f"{name}: expected a tensor of rank {rank}, got shape {tuple(tensor.shape)}")
    if tensor_rank < least_rank:
        raise ValueError(f"{name}: expected a tensor of rank {least_rank} or more, got shape {tuple(tensor.shape)}")
    if 0 in tuple(tensor.shape):
        raise ValueError(f"{name}: expected at least one element, got shape {tuple(tensor.shape)}")
    return tensor


def same_shape_and_dtype(first_name: str, first: tf.Tensor, second_name: str, second: Any) -> tf.Tensor:
    """Return the second as a tensor, after refusing one that would have to be broadcast or converted to meet the first."""
    tensor = _tensor(second_name, second)
    if not tensor.shape.is_compatible_with(first.shape):
        raise ValueError(f"{second_name}: expected the shape of {first_name}, {tuple(first.shape)}, got {tuple(tensor.shape)}")
    same_dtype(first_name, first, second_name, tensor)
    return tensor


def same_dtype(first_name: str, first: tf.Tensor, second_name: str, second: tf.Tensor) -> None:
    """Refuse a second tensor that would have to be converted to meet the first; its shape is its own."""
    if second.dtype != first.dtype:
        raise TypeError(f"{second_name}: expected the dtype of {first_name}, {first.dtype.name}, got {second.dtype.name}")


def whole_numbers(name: str, value: Any, shape: tuple[int | None, ...], count: int) -> tf.Tensor:
    """Return `value` as a tensor of the shape (None: any length but 0), each number from 0 to `count` − 1.

    Lists are accepted too. Numbers are looked at in eager mode only: while a function is traced there are none.
    """
    tensor = value if tf.is_tensor(value) else _tensor(name, np.asarray(value))
    if not tensor.dtype.is_integer:
        raise TypeError(f"{name}: expected whole numbers, got dtype {tensor.dtype.name}")
    if not tensor.shape.is_compatible_with(shape) or (tensor.shape.rank is not None and 0 in tuple(tensor.shape)):
        expected = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name}: expected shape ({expected}), got {tuple(tensor.shape)}")
    if hasattr(tensor, "numpy"):
        numbers = tensor.numpy()
        # TensorFlow wraps −1, or takes the last row for what lies beyond.
        if numbers.min() < 0 or numbers.max() >= count:
            bad = numbers[(numbers < 0) | (numbers >= count)][0]
            raise ValueError(f"{name}: expected numbers from 0 to {count - 1}, got {bad}")
    return tensor if tensor.dtype in (tf.int32, tf.int64) else tf.cast(tensor, tf.int64)


def unit_interval(name: str, numbers: np.ndarray) -> None:
    """Refuse numbers outside [0, 1], NaN among them."""
    # NaN is neither below nor above anything.
    if not (numbers.min() >= 0 and numbers.max() <= 1):
        offending = numbers[~((numbers >= 0) & (numbers <= 1))][0]
        raise ValueError(f"{name}: expected values in [0, 1], got {offending}")


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


def reduce_batch(per_sample: tf.Tensor, reduction: str) -> tf.Tensor:
    """Mean or sum of one number a sample, or the numbers themselves."""
    if reduction == "none":
        return per_sample
    return tf.reduce_mean(per_sample) if reduction == "mean" else tf.reduce_sum(per_sample)


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


def list_of_texts(name: str, value: Any) -> list[str]:
    """Return `value` as a list of str. A bare str is refused: it would be read as a list of one-character texts."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{name}: expected a list of str, got {type(value).__name__}")
    texts = list(value)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected a list of str, got {type(text).__name__} at position {position}")
    return texts


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
        dtype = keras.backend.standardize_dtype(value) if isinstance(value, (tf.DType, np.dtype, type)) else value
        policy = keras.dtype_policies.get(dtype)
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
        raise TypeError(f"{name}: expected a floating-point tensor, got {_describe(value)}") from refused


def _describe(value: Any) -> str:
    return f"dtype {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
