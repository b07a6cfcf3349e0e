"""Checks of arguments, made before any arithmetic, on static facts only: they never wait for a device and vanish when compiled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor

REDUCTIONS = ("mean", "sum", "none")


def floating_tensor(name: str, value: Any, rank: int | None = None, least_rank: int = 0) -> None:
    """Refuse what is not a floating-point tensor (TypeError), has the wrong rank or no element (ValueError)."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}: expected a torch.Tensor, got {type(value).__name__}")
    if not value.dtype.is_floating_point:
        raise TypeError(f"{name}: expected a floating-point tensor, got dtype {value.dtype}")
    if rank is not None and value.dim() != rank:
        raise ValueError(f"{name}: expected a tensor of rank {rank}, got shape {tuple(value.shape)}")
    if value.dim() < least_rank:
        raise ValueError(f"{name}: expected a tensor of rank {least_rank} or more, got shape {tuple(value.shape)}")
    if value.numel() == 0:
        raise ValueError(f"{name}: expected at least one element, got shape {tuple(value.shape)}")


def same_shape_and_dtype(first_name: str, first: Tensor, second_name: str, second: Any) -> None:
    """Refuse a second tensor that would have to be broadcast, converted or moved to meet the first."""
    if not isinstance(second, Tensor):
        raise TypeError(f"{second_name}: expected a torch.Tensor, got {type(second).__name__}")
    if second.shape != first.shape:
        raise ValueError(f"{second_name}: expected the shape of {first_name}, {tuple(first.shape)}, got {tuple(second.shape)}")
    same_dtype(first_name, first, second_name, second)


def same_dtype(first_name: str, first: Tensor, second_name: str, second: Tensor) -> None:
    """Refuse a second tensor that would have to be converted or moved to meet the first; its shape is its own."""
    if second.dtype != first.dtype:
        raise TypeError(f"{second_name}: expected the dtype of {first_name}, {first.dtype}, got {second.dtype}")
    if second.device != first.device:
        raise ValueError(f"{second_name}: expected the device of {first_name}, {first.device}, got {second.device}")


def same_device(name: str, value: Tensor, parameter: Tensor) -> None:
    """Refuse what is on another device than the model, of which one parameter is given."""
    if value.device != parameter.device:
        raise ValueError(f"{name}: expected the device of the model, {parameter.device}, got {value.device}")


def widened(value: Tensor) -> Tensor:
    """`value` in a precision that formulas may be computed in: float32 for anything narrower."""
    return value if value.dtype in (torch.float32, torch.float64) else value.float()


def reduce_batch(per_sample: Tensor, reduction: str) -> Tensor:
    """Mean or sum of one number a sample, or the numbers themselves."""
    if reduction == "none":
        return per_sample
    return per_sample.mean() if reduction == "mean" else per_sample.sum()


def number_between(name: str, value: Any, low: float, high: float, low_included: bool = False) -> float:
    """Return `value` as a float inside the interval."""
    if isinstance(value, bool) or not isinstance(value, (float, int, Real)):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")
    number = float(value)
    if not (low < number < high or (low_included and number == low)):
        bracket = "[" if low_included else "("
        raise ValueError(f"{name}: expected a number in {bracket}{low:g}, {high:g}), got {value!r}")
    return number


def constant(value: float) -> float:
    """`value`, compiled in: `torch.compile` makes a symbol of a number that changes between calls, unless its digits are read."""
    return float.fromhex(value.hex()) if torch.compiler.is_compiling() else value


def whole_number(name: str, value: Any, least: int | None = None) -> int:
    """Return `value` as an int of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, Integral)):
        raise TypeError(f"{name}: expected a whole number, got {type(value).__name__}")
    if least is not None and value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value}")
    return int(value)


def one_of(name: str, value: Any, options: Iterable[str]) -> str:
    """Return `value` if it is one of the named options."""
    options = tuple(options)
    if value not in options:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, options))}, got {value!r}")
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
    sizes = tuple(whole_number(f"{name}[{position}]", size, least=1) for position, size in enumerate(value))
    if len(sizes) < least:
        raise ValueError(f"{name}: expected at least {least} sizes, got {len(sizes)}")
    return sizes


def whole_numbers(name: str, value: Any, shape: tuple[int | None, ...], count: int, parameter: Tensor) -> Tensor:
    """Return `value`, a tensor of the shape (None: any length but 0) on the device of the parameter, as int64, from 0 to `count` − 1.

    Whether the numbers are in range is seen in eager mode only, at the price of waiting for the device: past it, PyTorch on CUDA would
    answer with an assertion that spoils the whole process. Compiled code does not look.
    """
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}: expected a torch.Tensor, got {type(value).__name__}")
    if value.is_floating_point() or value.is_complex() or value.dtype == torch.bool:
        raise TypeError(f"{name}: expected whole numbers, got dtype {value.dtype}")
    fits = value.dim() == len(shape) and all(n in (None, m) for n, m in zip(shape, value.shape, strict=True))
    if not fits or value.numel() == 0:
        expected = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name}: expected shape ({expected}), got {tuple(value.shape)}")
    same_device(name, value, parameter)
    value = value.long()
    if _can_be_read(value):
        least, most = _ends(value)
        if least < 0 or most >= count:
            bad = value[(value < 0) | (value >= count)][0].item()
            raise ValueError(f"{name}: expected numbers from 0 to {count - 1}, got {bad}")
    return value


def unit_interval(name: str, value: Tensor) -> None:
    """Refuse numbers outside [0, 1], NaN among them; seen in eager mode only, as in `whole_numbers`."""
    if not _can_be_read(value):
        return
    least, most = _ends(value.detach())
    if not (least >= 0.0 and most <= 1.0):
        bad = value[~((value >= 0.0) & (value <= 1.0))][0].item()
        raise ValueError(f"{name}: expected values in [0, 1], got {bad:g}")


def refuse_non_finite(name: str, value: Tensor) -> None:
    """Refuse NaN and infinity, naming the first index."""
    value = value.detach()
    # The sum is one quick pass, and not finite if any number is not. It may overflow too, so the numbers themselves decide.
    if not value.is_floating_point() or not _can_be_read(value) or math.isfinite(value.sum().item()):
        return
    indices = torch.nonzero(~torch.isfinite(value))
    if len(indices):
        index = tuple(indices[0].tolist())
        kind = "NaN" if torch.isnan(value[index]) else "infinity"
        raise ValueError(f"{name}: expected finite numbers, got {kind} first at index {index}")


def _can_be_read(value: Tensor) -> bool:
    """Whether its numbers are there to be looked at: not in compiled code, and not on the meta device, which knows shapes alone."""
    return not (torch.compiler.is_compiling() or value.is_meta)


def _ends(value: Tensor) -> list[Any]:
    """The least and the greatest number, NaN if there is one; from another device in one transfer."""
    ends = torch.aminmax(value)
    return [end.item() for end in ends] if value.device.type == "cpu" else torch.stack(ends).tolist()


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is a bool."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected a bool, got {type(value).__name__}")
    return value
