"""Weights in and out: canonical names and shapes, in one safetensors file that every package of the project reads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

Table = Mapping[str, keras.Variable]


def exported(table: Table) -> dict[str, np.ndarray]:
    """A copy of every variable, in its dtype; bfloat16, which NumPy lacks, as float32."""
    return {name: np.array(variable.numpy(), dtype=_numpy_dtype(variable), order="C") for name, variable in table.items()}


def checked(weights: Mapping[str, Any], table: Table, source: str = "weights") -> dict[str, np.ndarray]:
    """`weights` as arrays of the model's dtype, in the order of the table.

    Raises:
        ValueError: a missing, extra or misshapen entry, or one with NaN or infinity (also after conversion to the model's dtype).
        TypeError: not a mapping, or an entry that is not a real array.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(f"{source}: expected a mapping from names to arrays, got {type(weights).__name__}")
    for name in table:
        if name not in weights:
            raise ValueError(f"{source}: expected an entry {name!r}, got none; the file may belong to another model")
    for name in weights:
        if name not in table:
            raise ValueError(f"{source}: expected only {', '.join(table)}, got {name!r} too")
    return {name: _checked_entry(source, name, weights[name], variable) for name, variable in table.items()}


def save(path: str | os.PathLike[str], weights: Mapping[str, np.ndarray]) -> None:
    """Write a safetensors file; whoever looks at `path` sees the old file or the whole new one, never a part."""
    target = Path(path)
    content = to_bytes(dict(weights))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Every entry of a safetensors file, as it stands there.

    Raises:
        ValueError: not a safetensors file, or damaged.
        OSError: no such file, or not readable.
    """
    content = Path(path).read_bytes()
    try:
        return from_bytes(content)
    except (SafetensorError, KeyError, TypeError, ValueError) as damage:
        raise ValueError(f"{os.fspath(path)}: expected a safetensors file, got a damaged one ({damage})") from damage


def _checked_entry(source: str, name: str, value: Any, variable: keras.Variable) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" and array.dtype.name != "bfloat16":
        raise TypeError(f"{source}: expected {name!r} as a real array, got dtype {array.dtype}")
    if array.shape != tuple(variable.shape):
        raise ValueError(f"{source}: expected {name!r} of shape {tuple(variable.shape)}, got {array.shape}")
    with np.errstate(over="ignore"):
        array = array.astype(_numpy_dtype(variable))
    if not np.isfinite(array).all():
        raise ValueError(f"{source}: expected finite numbers in {name!r}, got NaN or infinity")
    return array


def _numpy_dtype(variable: keras.Variable) -> str:
    return "float32" if variable.dtype == "bfloat16" else variable.dtype
