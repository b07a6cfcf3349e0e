"""Responses as plain values that have a place on the wire, and the frame that carries those to one question. Runs beside foreign code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.respondent import wire
from conformance.respondent.packed_values import Malformed
from conformance.respondent.responses import ProtocolError, Raised, Response, Returned, TimedOut, Unsupported


def reply(number: int, responses: Mapping[Any, Response]) -> bytes:
    """The frame; an answer that cannot be sent becomes a protocol error, for itself alone."""
    body = [[quantity, as_plain(response)] for quantity, response in responses.items()]
    try:
        return wire.frame(number, body)
    except Malformed:
        return wire.frame(number, [[quantity, _sendable(plain)] for quantity, plain in body])


def _sendable(plain: list[Any]) -> list[Any]:
    try:
        # One of several may take no more than its share.
        if len(wire.frame(0, plain)) > wire.HEADER_MOST // 8:
            return as_plain(ProtocolError("its answer is too large to be sent with the others"))
    except Malformed as problem:
        return as_plain(ProtocolError(f"its answer {problem}"))
    return plain


def as_plain(response: Response) -> list[Any]:
    """A response as its kind and its content."""
    match response:
        case Returned(outputs):
            return ["Returned", dict(outputs)]
        case Raised(error, message, where):
            return ["Raised", error, message, where or ""]
        case Unsupported(text, option):
            return ["Unsupported", text, option or ""]
        case ProtocolError(text, symptom):
            return ["ProtocolError", text, str(symptom)]
        case TimedOut(seconds):
            return ["TimedOut", float(seconds)]
    raise TypeError(type(response).__name__)
