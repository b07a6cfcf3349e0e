"""What an exception says in the place of an answer."""

from __future__ import annotations

from conformance.respondent.frameworks import Framework
from conformance.respondent.printable import in_brackets, message_of, place_of
from conformance.respondent.responses import NotAnAnswer, NotSupported, ProtocolError, Raised, Response, Unsupported
from conformance.respondent.symptoms import Symptom


def in_place_of_an_answer(error: BaseException, framework: Framework, folder: str | None) -> Response:
    """The response that an exception is; it names the line of what lies in the `folder`, if that is known."""
    place = place_of(error, folder)
    match framework.said_of_devices(error) or error:
        case NotSupported() as refusal:
            return Unsupported(str(refusal), refusal.option)
        case NotAnAnswer() as problem:
            # What meets a tensor of another device does so somewhere; all else is noticed of what came back.
            where = in_brackets(place) if problem.symptom is Symptom.WRONG_DEVICE else ""
            return ProtocolError(f"{problem}{where}", problem.symptom)
        case _:
            return Raised(type(error).__name__, message_of(error), place)
