"""Frames: the lengths of two parts, a JSON header, and numbers. Runs on both sides.

    8 bytes  length of the header, length of the payload, big-endian, 4 bytes each
    header   {"id": number, "arrays": [[dtype, shape], ...], "body": value}
    payload  the arrays' numbers, little-endian, each padded to 8 bytes

The judge takes a frame only if it carries the id that the judge drew for this question, within one deadline for all of it, and
within sizes that it knows before it allocates anything.
"""

from __future__ import annotations

import json
import os
import struct
from typing import Any

import numpy as np

from conformance.respondent.packed_values import Malformed, decode, encode, pack, unpack

LENGTHS = struct.Struct(">II")
HEADER_MOST, PAYLOAD_MOST = 4 * 2**20, 256 * 2**20
_to_json = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def frame(number: int, body: Any) -> bytes:
    """One frame. Raises Malformed for what cannot be sent: too deep, too large."""
    arrays: list[np.ndarray] = []
    encoded = encode(body, arrays)
    table, payload = pack(arrays)
    try:
        header = _to_json({"id": number, "arrays": table, "body": encoded}).encode()
    except ValueError as error:  # a whole number of thousands of digits
        raise Malformed(f"cannot be written: {error}") from error
    check_lengths(len(header), len(payload))
    return LENGTHS.pack(len(header), len(payload)) + header + payload


def check_lengths(header: int, payload: int) -> None:
    """Raises Malformed for more than a frame may hold."""
    for length, most in ((header, HEADER_MOST), (payload, PAYLOAD_MOST)):
        if length > most:
            raise Malformed(f"has {length} bytes, more than {most}")


def parse(header: bytes, payload: bytes) -> tuple[int, Any]:
    """The id and the body of a frame. Raises Malformed."""
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"has no header that can be read ({type(error).__name__})") from error
    if type(fields) is not dict or set(fields) != {"id", "arrays", "body"} or type(fields["id"]) is not int:
        raise Malformed("has a header without id, arrays and body")
    return fields["id"], decode(fields["body"], unpack(fields["arrays"], payload))


def read(handle: int) -> tuple[int, Any] | None:
    """The next frame, however long it takes; None at the end. For the worker, which trusts the judge."""
    lengths = _read_exactly(handle, LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header, payload = LENGTHS.unpack(lengths)
    return parse(_read_exactly(handle, header), _read_exactly(handle, payload))


def write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _read_exactly(handle: int, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (part := os.read(handle, min(count - len(data), 2**20))):
        data += part
    return bytes(data)
