"""What the harness notices of an answer. Diagnosis and feedback read these; the sentence beside each is for people alone.

An entry of the catalogue names the symptom of a mistake by its value, as in `symptom="no_gradient"`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np


class Symptom(StrEnum):
    """One for each thing that can be noticed, in groups by who notices it."""

    # Whoever asks: no answer came.
    RAISED = "raised"
    NOT_WRITTEN = "not_written"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    OVER_LIMIT = "over_limit"
    BROKEN_PROTOCOL = "broken_protocol"

    # Whoever reads the answer: it is none.
    NOT_CALLABLE = "not_callable"
    WRONG_SIGNATURE = "wrong_signature"
    RETURNED_NONE = "returned_none"
    RETURNED_FLOAT = "returned_float"
    RETURNED_TUPLE = "returned_tuple"
    RETURNED_LIST = "returned_list"
    RETURNED_TRUTH = "returned_truth"
    WRONG_TYPE = "wrong_type"
    NO_NUMBERS = "no_numbers"
    CHANGED_INPUT = "changed_input"
    NO_GRADIENT = "no_gradient"
    ALL_FROZEN = "all_frozen"
    LACKS_ARGUMENT = "lacks_argument"
    WEIGHTS_DO_NOT_FIT = "weights_do_not_fit"

    # Whoever compares it with what is expected: it is another.
    WRONG_NAMES = "wrong_names"
    WRONG_DTYPE = "wrong_dtype"
    WRONG_SHAPE = "wrong_shape"
    WRONG_DEVICE = "wrong_device"
    NOT_A_NUMBER = "not_a_number"
    WRONG_VALUE = "wrong_value"

    # Whoever asks again.
    ANSWERS_DIFFERENTLY = "answers_differently"

    def is_a(self, name: str | None) -> bool:
        """Whether it is the symptom that an entry names. What is not written yet has raised, too."""
        return self == name or (self is Symptom.NOT_WRITTEN and name == Symptom.RAISED)


_BY_TYPE = {
    type(None): Symptom.RETURNED_NONE,
    float: Symptom.RETURNED_FLOAT,
    tuple: Symptom.RETURNED_TUPLE,
    list: Symptom.RETURNED_LIST,
    bool: Symptom.RETURNED_TRUTH,
    np.bool_: Symptom.RETURNED_TRUTH,
}


def of_type(value: Any) -> Symptom:
    """The symptom of a result that is no array."""
    return _BY_TYPE.get(type(value), Symptom.WRONG_TYPE)


def of_elements(dtype: str) -> Symptom:
    """The symptom of an array whose elements are no numbers."""
    return Symptom.RETURNED_TRUTH if dtype == "bool" else Symptom.NO_NUMBERS
