"""Inputs and answers in print: in full where they are small, by shape and range where they are not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.cases.case import Case

_LONGEST_ARRAY, _LONGEST_TEXT = 24, 200
# Significant digits that tell any two numbers of a dtype apart.
_DIGITS = {"float64": 17, "float32": 9, "float16": 5, "bfloat16": 4}


def number_text(number: Any, dtype: str | None) -> str:
    """A number with as many digits as its dtype can hold."""
    if dtype not in _DIGITS or not isinstance(number, (float, np.floating)):
        return value_text(number)
    return repr(float(f"{number:.{_DIGITS[dtype]}g}"))


def value_text(value: Any, longest: int = _LONGEST_ARRAY, dtype: str | None = None) -> str:
    """A value on one line; long arrays by shape and range, batches by their number. A NumPy scalar is a number like any other.

    With a dtype, the numbers of an array have no more digits than it can hold.
    """
    if isinstance(value, np.ndarray):
        if value.size > longest:
            return f"{value.shape} from {value.min():.4g} to {value.max():.4g}"
        if dtype in _DIGITS and value.dtype.kind == "f":
            return _array_text(value.tolist(), dtype)
        return np.array2string(value, separator=", ", floatmode="unique", max_line_width=10**6).replace("\n", "")
    if isinstance(value, Mapping):
        if len(value) > 3 and all(isinstance(item, np.ndarray) for item in value.values()):
            return f"{len(value)} arrays, {sum(item.size for item in value.values()):,} numbers"
        return "{" + ", ".join(f"{key}: {value_text(item, longest=6)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        first, last = value_text(value[0]), value_text(value[-1])
        alike = _shapes(value[0]) == _shapes(value[-1])
        return f"{len(value)} × {first}" if alike else f"{len(value) - 1} × {first}, then {last}"
    text = ascii(_without_scalars(value))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"


def _shapes(named: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: np.shape(value) for name, value in named.items()}


def case_lines(case: Case) -> list[str]:
    """The inputs, one a line; a model's weights and batches by their shapes."""
    return [f"{name} = {value_text(value)}" for name, value in case.inputs.items()]


def budget_text(fraction: float) -> str:
    """How much of the error budget was used, in words."""
    if fraction == 0:
        return "exactly equal"
    if fraction == math.inf:
        return "beyond every budget"
    return f"{fraction:.2f} of the error budget" if fraction <= 1 else f"{fraction:.3g} × the error budget"


def _array_text(value: Any, dtype: str | None) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_array_text(item, dtype) for item in value)}]"
    return number_text(value, dtype)


def _without_scalars(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return type(value)(_without_scalars(item) for item in value) if type(value) in (list, tuple) else value
