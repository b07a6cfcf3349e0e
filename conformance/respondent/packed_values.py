"""Values as JSON and raw little-endian numbers, and back, bit for bit. Runs on both sides; no pickle, no type is taken from the sender.

What JSON cannot hold is written as an object of one key:
    {"x": hex}               a float that is not finite, by its bits     {"s": hex}    a str with lone surrogates
    {"t": [...]}             a tuple                                     {"d": [[k, v], ...]}   a dict, in its order
    {"a": i}                 an array, {"g": i} a NumPy scalar: number i of the table of (dtype, shape) in the frame
    {"o": [i, dtype, device]}   an `Output`                              {"f": name}   something else, by the name of its type
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from conformance.respondent.frameworks import every_device
from conformance.respondent.printable import one_line
from conformance.respondent.responses import Output

_DTYPES = {
    np.dtype(code).name: np.dtype(code) for code in ("?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8")
}
# `dtype.name` is worked out anew at every call; most dtypes are one of these.
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_SCALARS = {dtype.type for dtype in _DTYPES.values()}
_DEEPEST, _MOST_AXES = 64, 32
_ALIGNMENT = 8
_MOST_FOREIGN = 1000
_foreign_types: dict[str, type[Foreign]] = {}

Table = list[tuple[str, tuple[int, ...]]]


class Malformed(Exception):
    """Raised for bytes that are not what this module writes."""


class Foreign:
    """Something that has no place on the wire; it equals nothing, and bears the name of its type."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _foreign, (type(self).__name__,)


def encode(value: Any, arrays: list[np.ndarray], depth: int = 0) -> Any:
    """What JSON takes; arrays are put aside. Raises Malformed for what is too deep."""
    if depth > _DEEPEST:
        raise Malformed(f"is nested more than {_DEEPEST} deep")
    kind = type(value)
    if value is None or kind is bool or kind is int:
        return value
    if kind is str:
        return value if _is_plain(value) else {"s": value.encode("utf-32-le", "surrogatepass").hex()}
    if kind is float:
        return value if math.isfinite(value) else {"x": struct.pack("<d", value).hex()}
    if kind is list:
        return [encode(item, arrays, depth + 1) for item in value]
    if kind is tuple:
        return {"t": [encode(item, arrays, depth + 1) for item in value]}
    if kind is dict:
        return {"d": [[encode(key, arrays, depth + 1), encode(item, arrays, depth + 1)] for key, item in value.items()]}
    if kind is Output:
        return {"o": [_put_aside(value.array, arrays), value.dtype, value.device]}
    if kind is np.ndarray and _name(value.dtype) in _DTYPES:
        return {"a": _put_aside(value, arrays)}
    if _is_scalar(value):
        return {"g": _put_aside(np.asarray(value), arrays)}
    return {"f": kind.__name__}


def pack(arrays: Sequence[np.ndarray]) -> tuple[Table, bytes]:
    """The table of arrays, and their numbers one after the other."""
    table: Table = []
    parts: list[bytes] = []
    for array in arrays:
        name = _name(array.dtype)
        numbers = np.ascontiguousarray(array, dtype=_DTYPES[name]).tobytes()
        table.append((name, array.shape))
        parts.append(numbers + b"\0" * (-len(numbers) % _ALIGNMENT))
    return table, b"".join(parts)


def unpack(table: Any, payload: bytes) -> list[np.ndarray]:
    """The arrays of a frame, each with memory of its own. Raises Malformed unless the table accounts for every byte."""
    arrays: list[np.ndarray] = []
    place = 0
    if type(table) is not list:
        raise Malformed("has no table of arrays")
    for entry in table:
        if type(entry) is not list or len(entry) != 2 or type(entry[0]) is not str or entry[0] not in _DTYPES:
            raise Malformed("names a dtype that is not allowed")
        shape = entry[1]
        if type(shape) is not list or len(shape) > _MOST_AXES or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
            raise Malformed("has an array without a proper shape")
        dtype = _DTYPES[entry[0]]
        count = math.prod(shape)
        end = place + count * dtype.itemsize
        if end > len(payload):
            raise Malformed("has fewer numbers than its shapes say")
        truth = dtype.kind == "b"  # a byte that is neither 0 nor 1 would be a truth value of its own
        numbers = np.frombuffer(payload, np.uint8 if truth else dtype, count, place)
        array = numbers != 0 if truth else numbers.copy()
        try:
            arrays.append(array.reshape(shape))
        except ValueError as error:  # no element, but axes whose product NumPy cannot hold
            raise Malformed("has an array without a proper shape") from error
        place = end + (-end % _ALIGNMENT)
    if place != len(payload):
        raise Malformed("has more numbers than its shapes say")
    return arrays


def decode(value: Any, arrays: Sequence[np.ndarray], depth: int = 0) -> Any:
    """The value again. Raises Malformed."""
    if depth > 2 * _DEEPEST:
        raise Malformed("is nested too deep")
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is list:
        return [decode(item, arrays, depth + 1) for item in value]
    if kind is not dict or len(value) != 1:
        raise Malformed("holds something that has no meaning")
    (tag, content), *_ = value.items()
    try:
        return _TAGS[tag](content, arrays, depth + 1)
    except (KeyError, IndexError, ValueError, TypeError, struct.error, UnicodeError) as error:
        raise Malformed(f"holds something that has no meaning ({type(error).__name__})") from error


def _name(dtype: np.dtype[Any]) -> str:
    return _NAMES.get(dtype) or dtype.name


def _is_plain(text: str) -> bool:
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _is_scalar(value: Any) -> bool:
    return type(value) in _SCALARS


def _put_aside(array: np.ndarray, arrays: list[np.ndarray]) -> int:
    if _is_scalar(array):
        array = np.asarray(array)  # what TensorFlow makes of a tensor without axes
    if type(array) is not np.ndarray or _name(array.dtype) not in _DTYPES:
        raise Malformed(f"has an array of {array.dtype}, which cannot be sent")
    arrays.append(array)
    return len(arrays) - 1


def _pick(index: Any, arrays: Sequence[np.ndarray]) -> np.ndarray:
    if type(index) is not int or index < 0:
        raise ValueError
    return arrays[index]


def _output(content: Any, arrays: Sequence[np.ndarray]) -> Output:
    index, dtype, device = content
    array = _pick(index, arrays)
    # A bfloat16 arrives widened; anything else is what it is.
    claimed = "bfloat16" if dtype == "bfloat16" and array.dtype == np.float32 else _name(array.dtype)
    if device not in (*every_device(), "host") or dtype != claimed:
        raise ValueError
    return Output(array, claimed, device)


def _dict(content: Any, arrays: Sequence[np.ndarray], depth: int) -> dict[Any, Any]:
    return {decode(key, arrays, depth): decode(item, arrays, depth) for key, item in content}


def _float(content: Any) -> float:
    return struct.unpack("<d", bytes.fromhex(content))[0]


def _foreign(content: Any) -> Foreign:
    """The name is kept in a type, where `described` finds it; not for more than a few names, since a type takes a kilobyte."""
    if type(content) is not str:
        raise ValueError
    name = "".join(c for c in one_line(content) if c.isalnum() or c in "_.")[:60]
    if name not in _foreign_types and len(_foreign_types) >= _MOST_FOREIGN:
        return Foreign()
    return _foreign_types.setdefault(name, type(name, (Foreign,), {}))()


_TAGS: dict[str, Any] = {
    "x": lambda content, arrays, depth: _float(content),
    "s": lambda content, arrays, depth: bytes.fromhex(content).decode("utf-32-le", "surrogatepass"),
    "t": lambda content, arrays, depth: tuple(decode(list(content), arrays, depth)),
    "d": _dict,
    "a": lambda content, arrays, depth: _pick(content, arrays),
    "g": lambda content, arrays, depth: _pick(content, arrays)[()],
    "o": lambda content, arrays, depth: _output(content, arrays),
    "f": lambda content, arrays, depth: _foreign(content),
}
