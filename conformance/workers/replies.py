"""Responses out of what a worker sent. Nothing is believed: whatever is not an answer raises Malformed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.respondent.offers import Offered, Parameter
from conformance.respondent.packed_values import Malformed
from conformance.respondent.printable import one_line
from conformance.respondent.responses import ProtocolError, Raised, Response, Returned, TimedOut, Unsupported
from conformance.respondent.symptoms import Symptom
from reference.specification import Quantity


def _unsupported(reason: str, option: str) -> Unsupported:
    return Unsupported(reason, option or None)


def _raised(error: str, message: str, place: str) -> Raised:
    return Raised(error, message, place or None)


def _protocol_error(problem: str, symptom: str) -> ProtocolError:
    return ProtocolError(problem, Symptom(symptom))


_TEXTS: Mapping[str, tuple[Callable[..., Response], int]] = {
    "Raised": (_raised, 3),
    "Unsupported": (_unsupported, 2),
    "ProtocolError": (_protocol_error, 2),
}
# What unpacking data of the wrong form raises.
_WRONG = (KeyError, TypeError, ValueError, OverflowError)


def read_answers(body: Any, quantities: Sequence[Quantity], text: Callable[[str], str] = one_line) -> dict[Quantity, Response]:
    """The response for each quantity that was asked for, from [[quantity, response], ...]; `text` is done to what it says.

    Raises:
        Malformed: it is something else.
    """
    try:
        responses = {quantity: _response(answer, text) for quantity, answer in body}
        if type(body) is not list or len(responses) != len(body):
            raise ValueError
        return {quantity: responses[quantity] for quantity in quantities}
    except _WRONG as error:
        raise Malformed("holds something that is no answer") from error


def read_import(body: Any) -> tuple[Response, dict[str, Offered]]:
    """How the import went, and what the submission offers. Raises Malformed."""
    try:
        return _response(body["response"]), read_offers(body["names"])
    except _WRONG as error:
        raise Malformed("holds something that is no description of an import") from error


def read_offers(names: Any) -> dict[str, Offered]:
    """What there is under which name. Raises Malformed."""
    try:
        return dict(_offered(*entry) for entry in names)
    except _WRONG as error:
        raise Malformed("holds something that is no description of an import") from error


def _response(plain: Any, text: Callable[[str], str] = one_line) -> Response:
    """A response from its kind and content; raises ValueError, TypeError or KeyError for anything else."""
    kind, *content = plain
    if kind == "Returned":
        (outputs,) = content
        if type(outputs) is not dict or not all(type(name) is str for name in outputs):
            raise ValueError
        return Returned(outputs)
    if kind == "TimedOut":
        (seconds,) = content
        return TimedOut(float(seconds))
    make, count = _TEXTS[kind]
    if len(content) != count or not all(type(words) is str for words in content):
        raise ValueError
    return make(*(text(words) for words in content))


def _offered(name: Any, kind: Any, parameters: Any) -> tuple[str, Offered]:
    if type(name) is not str or kind not in ("function", "class", "value"):
        raise ValueError
    return name, Offered(kind, None if parameters is None else tuple(_parameter(*item) for item in parameters))


def _parameter(name: Any, kind: Any, has_default: Any) -> Parameter:
    if type(name) is not str or type(kind) is not str or type(has_default) is not bool:
        raise ValueError
    return Parameter(one_line(name), one_line(kind), has_default)
