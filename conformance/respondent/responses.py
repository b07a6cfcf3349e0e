"""What a target can answer. Silence is not among the answers.

Each has a `symptom`, which code reads, and all but `Returned`, of which only a comparison can say anything, a `sentence` for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from conformance.respondent.symptoms import Symptom


@dataclass(frozen=True)
class Output:
    """One array that a target returned: its numbers (bfloat16 widened to float32), and what it claimed to be."""

    array: np.ndarray
    dtype: str
    device: str


@dataclass(frozen=True)
class Returned:
    """The named results: arrays as `Output`, everything else as plain Python values."""

    outputs: Mapping[str, Any]
    symptom: ClassVar[None] = None


@dataclass(frozen=True)
class Raised:
    """The target raised; `place` is the file and line of its own where it did, if that is known."""

    error: str
    message: str
    place: str | None = field(default=None, compare=False)

    @property
    def symptom(self) -> Symptom:
        return Symptom.NOT_WRITTEN if self.error == NotImplementedError.__name__ else Symptom.RAISED

    @property
    def sentence(self) -> str:
        return f"raised {self.error}: {self.message}" + (f" ({self.place})" if self.place else "")


@dataclass(frozen=True)
class Unsupported:
    """The target does not offer this, and says why. It may be an `option` alone: without it the rest can be asked."""

    reason: str
    option: str | None = None
    symptom: ClassVar[Symptom] = Symptom.UNSUPPORTED

    @property
    def sentence(self) -> str:
        return self.reason


@dataclass(frozen=True)
class TimedOut:
    """The target did not answer in time."""

    seconds: float
    symptom: ClassVar[Symptom] = Symptom.TIMED_OUT

    @property
    def sentence(self) -> str:
        return f"did not return within {self.seconds:g} s"


@dataclass(frozen=True)
class Crashed:
    """The process of the target ended."""

    how: str
    symptom: ClassVar[Symptom] = Symptom.CRASHED

    @property
    def sentence(self) -> str:
        return f"ended its process ({self.how})"


@dataclass(frozen=True)
class OverLimit:
    """The target took more than it was given: memory, processor time, time in all."""

    what: str
    symptom: ClassVar[Symptom] = Symptom.OVER_LIMIT

    @property
    def sentence(self) -> str:
        return f"took more than {self.what}"


@dataclass(frozen=True)
class ProtocolError:
    """The target answered with something that is no answer: a wrong type, no gradient, a changed input."""

    problem: str
    symptom: Symptom = Symptom.BROKEN_PROTOCOL

    @property
    def sentence(self) -> str:
        return self.problem


Response = Returned | Raised | Unsupported | TimedOut | Crashed | OverLimit | ProtocolError


class NotAnAnswer(Exception):
    """Raised while a target's result is read; becomes a `ProtocolError`."""

    def __init__(self, problem: str, symptom: Symptom) -> None:
        super().__init__(problem)
        self.symptom = symptom


class NotSupported(Exception):
    """Raised where a framework or a module does not offer something, or one `option` of it; becomes `Unsupported`."""

    def __init__(self, reason: str, option: str | None = None) -> None:
        super().__init__(reason)
        self.option = option
