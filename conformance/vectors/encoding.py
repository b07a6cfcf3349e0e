"""Values as JSON, exact in both directions and the same in every language.

A JSON number is always whole: JSON libraries differ in how they read and write fractions. Fractional numbers are strings, the shortest
decimal that gives the same binary64 number back, and "NaN", "Infinity", "-Infinity".
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from reference.specification import Array

_DECIMAL = re.compile(r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)|NaN")
_INTEGERS = ("int32", "int64")
# An allowed error is written with so many significant digits, rounded down: never wider than the budget, by a thousandth narrower at most.
_ALLOWED = decimal.Context(prec=4, rounding=decimal.ROUND_DOWN)


def written(number: float) -> str:
    """The number as a string.

    >>> written(0.1), written(1e-7), written(-math.inf), written(-0.0)
    ('0.1', '1e-07', '-Infinity', '-0.0')
    """
    if math.isnan(number):
        return "NaN"
    return repr(float(number)) if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"


def read(text: str) -> float:
    """The inverse of `written`; refuses what Python would read and other languages would not."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise ValueError(f"expected a decimal in a string, got {text!r}")
    return float(text)


def rounded_down(number: float) -> str:
    """A short decimal that is not above the number and as near as its digits allow.

    >>> rounded_down(1.23456e-15), rounded_down(0.5), rounded_down(5e-324)
    ('1.234e-15', '0.5', '5e-324')
    """
    return written(float(_ALLOWED.create_decimal(repr(number))) if math.isfinite(number) else number)


def encode(value: Any, dtype: str) -> Any:
    """Inputs and exact answers as JSON; arrays of reals say that they hold numbers of `dtype`."""
    match value:
        case np.ndarray():
            return encode_array(value, dtype)
        case Mapping():
            return {key: encode(item, dtype) for key, item in value.items()}
        case list() | tuple():
            return [encode(item, dtype) for item in value]
        case np.generic():
            return encode(value.item(), dtype)
        case float():
            return {"number": written(value)}
        case str() if any("\ud800" <= character <= "\udfff" for character in value):
            return {"code_points": [ord(character) for character in value]}  # JSON has no lone surrogates that all languages read
    return value


def decode(value: Any) -> Any:
    """The inverse of `encode`, arrays of reals as float64; tuples come back as lists."""
    if isinstance(value, dict):
        if value.keys() == {"dtype", "shape", "values"}:
            return decode_array(value)
        if value.keys() == {"number"}:
            return read(value["number"])
        if value.keys() == {"code_points"}:
            return "".join(map(chr, value["code_points"]))
        return {key: decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, float):
        raise ValueError(f"expected fractional numbers as strings, got {value!r}")
    return value


def encode_array(array: Array, dtype: str) -> dict[str, Any]:
    """Row by row (C order). Whole numbers keep their own dtype."""
    if array.dtype.kind == "f":
        return {"dtype": dtype, "shape": list(array.shape), "values": [written(x) for x in array.ravel().tolist()]}
    return {"dtype": array.dtype.name, "shape": list(array.shape), "values": array.ravel().tolist()}


def decode_array(content: Mapping[str, Any]) -> Array:
    """The array; refuses a shape that does not fit."""
    if content["dtype"] in _INTEGERS:
        if not all(type(x) is int for x in content["values"]):
            raise ValueError(f"expected whole numbers in an array of {content['dtype']}")
        return np.array(content["values"], dtype=content["dtype"]).reshape(content["shape"])
    return np.array([read(x) for x in content["values"]], dtype=np.float64).reshape(content["shape"])
