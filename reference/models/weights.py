"""Weights in and out: canonical names and shapes, in one safetensors file that every package of the project reads."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reference.specification import Array

Shapes = Mapping[str, tuple[int, ...]]


def checked(weights: Mapping[str, Array], shapes: Shapes, source: str = "weights") -> dict[str, Array]:
    """Return `weights` in canonical order, after refusing missing, extra, misshapen and non-finite entries."""
    if not isinstance(weights, Mapping):
        raise TypeError(f"{source}: expected a mapping from names to arrays, got {type(weights).__name__}")
    missing, extra = [n for n in shapes if n not in weights], [n for n in weights if n not in shapes]
    if missing:
        raise ValueError(f"{source}: expected an entry {missing[0]!r}, got none; the file may belong to another model")
    if extra:
        raise ValueError(f"{source}: expected only {', '.join(shapes)}, got {extra[0]!r} too")
    for name, shape in shapes.items():
        if np.shape(weights[name]) != tuple(shape):
            raise ValueError(f"{source}: expected {name!r} of shape {tuple(shape)}, got {np.shape(weights[name])}")
        if np.asarray(weights[name]).dtype.kind not in "fiuc":
            raise TypeError(f"{source}: expected numbers in {name!r}, got {np.asarray(weights[name]).dtype}")
        if not np.isfinite(weights[name]).all():
            raise ValueError(f"{source}: expected finite numbers in {name!r}, got NaN or infinity")
    return {name: np.asarray(weights[name]) for name in shapes}


def save(path: str | os.PathLike[str], weights: Mapping[str, Array]) -> None:
    """Write a safetensors file; whoever looks at `path` sees the old file or the whole new one, never a part."""
    from safetensors.numpy import save as to_bytes  # imported here so that the reference itself needs NumPy alone

    target = Path(path)
    content = to_bytes({name: np.ascontiguousarray(value) for name, value in weights.items()})
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp gives 0600, which would keep the weights from other readers
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def load(path: str | os.PathLike[str], shapes: Shapes) -> dict[str, Array]:
    """Read a safetensors file and check it against the parameter table.

    Raises:
        ValueError: not a safetensors file, damaged, or with a missing, extra or misshapen entry.
        OSError: no such file, or not readable.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    content = Path(path).read_bytes()
    try:
        weights = from_bytes(content)
    except (SafetensorError, KeyError, ValueError) as damage:
        raise ValueError(f"{os.fspath(path)}: expected a safetensors file, got a damaged one ({damage})") from damage
    return checked(weights, shapes, os.fspath(path))
