"""Weights in and out: canonical names and shapes, in one safetensors file that every package of the project reads."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor


class Entry(NamedTuple):
    """A parameter and the order in which its axes stand in the canonical table: `nn.Linear.weight`, (out, in), has (1, 0)."""

    parameter: Tensor
    axes: tuple[int, ...]

    def canonical(self, value: Tensor) -> Tensor:
        """`value`, laid out as the parameter, in the layout of the table."""
        return value.permute(self.axes)

    def own(self, value: Tensor) -> Tensor:
        """`value`, laid out as in the table, in the layout of the parameter."""
        return value.permute(tuple(self.axes.index(i) for i in range(len(self.axes))))

    def exported(self, value: Tensor) -> Tensor:
        """A contiguous copy of `canonical(value)` on the CPU, in its dtype; bfloat16, which NumPy lacks, as float32.

        NaN from the meta device, which knows shapes and no numbers.
        """
        value = self.canonical(value.detach())
        value = value.float() if value.dtype == torch.bfloat16 else value
        if value.is_meta:
            return torch.full(value.shape, math.nan, dtype=value.dtype, device="cpu")
        return value.to("cpu", copy=True, memory_format=torch.contiguous_format)

    @property
    def shape(self) -> tuple[int, ...]:
        """The canonical shape."""
        return tuple(self.parameter.shape[axis] for axis in self.axes)


Table = Mapping[str, Entry]


def exported(table: Table) -> dict[str, Tensor]:
    """A contiguous copy of every parameter on the CPU, in its dtype; bfloat16, which NumPy lacks, as float32."""
    return {name: entry.exported(entry.parameter) for name, entry in table.items()}


def checked(weights: Mapping[str, Any], table: Table, source: str = "weights") -> dict[str, Tensor]:
    """`weights` as tensors of the model's dtype, device and layout, in the order of the table.

    Raises:
        ValueError: a missing, extra or misshapen entry, or one with NaN or infinity (also after conversion to the model's dtype).
        TypeError: not a mapping, or an entry that is not a real array.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(f"{source}: expected a mapping from names to arrays, got {type(weights).__name__}")
    missing, extra = [name for name in table if name not in weights], [name for name in weights if name not in table]
    if missing:
        raise ValueError(f"{source}: expected an entry {missing[0]!r}, got none; the file may belong to another model")
    if extra:
        raise ValueError(f"{source}: expected only {', '.join(table)}, got {extra[0]!r} too")
    return {name: _checked_entry(source, name, weights[name], entry) for name, entry in table.items()}


def save(path: str | os.PathLike[str], weights: Mapping[str, Tensor]) -> None:
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


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """Every entry of a safetensors file, as it stands there.

    Raises:
        ValueError: not a safetensors file, or damaged.
        OSError: no such file, or not readable.
    """
    content = Path(path).read_bytes()
    try:
        return from_bytes(content)
    except (SafetensorError, KeyError, ValueError, RuntimeError) as damage:
        raise ValueError(f"{os.fspath(path)}: expected a safetensors file, got a damaged one ({damage})") from damage


def _checked_entry(source: str, name: str, value: Any, entry: Entry) -> Tensor:
    if isinstance(value, Tensor):
        tensor = value.detach()
    else:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{source}: expected {name!r} as a real array, got dtype {array.dtype}")
        # A copy of its own: strides may be negative, the array may be read-only.
        tensor = torch.from_numpy(array.astype(array.dtype.newbyteorder("="), order="C", copy=True))
    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise TypeError(f"{source}: expected {name!r} as a real array, got dtype {tensor.dtype}")
    if tuple(tensor.shape) != entry.shape:
        raise ValueError(f"{source}: expected {name!r} of shape {entry.shape}, got {tuple(tensor.shape)}")
    tensor = tensor.to(dtype=entry.parameter.dtype)
    if not torch.isfinite(tensor).all():
        raise ValueError(f"{source}: expected finite numbers in {name!r}, got NaN or infinity")
    return entry.own(tensor).to(entry.parameter.device)
