"""Mistakes with a constant of their own, such as a clip or an ε: the same entry with another constant.

An entry names the piece of what it writes that is its `constant`. The id of another one is `entry@constant`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from conformance.faults.fault import Fault
from conformance.faults.templates import sentence_of

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?!\w|\.\d)")
_APPENDED = {"en": " The constant is {}.", "ko": " 상수는 {}입니다."}


def with_constant(fault: Fault, value: float) -> Fault:
    """The mistake with another constant, which its sentence says."""
    return _with(fault, written(value), repr(float(value)))


def with_argument(fault: Fault, name: str) -> Fault:
    """The mistake with an argument of the function where it has a constant, which its sentence says."""
    return _with(fault, name, name)


def _with(fault: Fault, word: str, code: str) -> Fault:
    assert fault.constant is not None
    put = partial(_exchanged, old=float(fault.constant))
    # Of a slip the id says the sentence, and so the number.
    own = "#".join(word if part == fault.constant else part for part in fault.id.split("#"))
    return replace(
        fault,
        id=own if own != fault.id else f"{fault.id}@{word}",
        sentence=sentence_of(own, "en") or said_with(fault.sentence, fault.constant, word, "en"),
        changes=tuple(replace(change, new=put(change.new, new=code)) for change in fault.changes),
    )


def said_with(sentence: str, old: str, new: str, language: str) -> str:
    """A sentence with another constant; where it names none, it is said behind."""
    changed = _exchanged(sentence, float(old), new)
    return changed if changed != sentence else sentence + _APPENDED[language].format(new)


def written(value: float) -> str:
    """As people write it: 1e-7, not 1e-07."""
    return re.sub(r"e([+-])0*", lambda match: "e" + match[1].replace("+", ""), f"{value:.8g}")


def _exchanged(text: str, old: float, new: str) -> str:
    return _NUMBER.sub(lambda match: new if float(match[0]) == old else match[0], text)
