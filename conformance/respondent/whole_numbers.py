"""Whole numbers as a target may give them: ids, lengths and padded rows come as any array or as nested lists."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.respondent.frameworks import Framework
from conformance.respondent.responses import NotAnAnswer, Output
from conformance.respondent.symptoms import Symptom

# A list says nothing of a dtype: its numbers are taken for those that are asked for, if they fit.
_OF_LISTS = np.dtype(np.int32)


def to_output(framework: Framework, value: Any) -> Output:
    """The array, the framework's own or any other; nested lists of whole numbers as the array that they stand for.

    Raises:
        NotAnAnswer: it is neither.
    """
    if isinstance(value, list):
        return _of_lists(value)
    if type(value) is not np.ndarray and _is_array(value):
        try:
            return framework.to_output(value)
        except NotAnAnswer as problem:
            if problem.symptom is not Symptom.WRONG_TYPE:
                raise
        value = np.asarray(value)
    if type(value) is np.ndarray and value.dtype.kind == "i":
        return Output(value, value.dtype.name, "host")
    return framework.to_output(value)


def plain(ids: Any) -> Any:
    """Ids as lists of int, whatever arrays they come in; what is no array of whole numbers stays as it is, to be compared as such."""
    if isinstance(ids, list):
        return [plain(item) for item in ids]
    if isinstance(ids, np.integer):
        return int(ids)
    array = np.asarray(ids) if _is_array(ids) else None
    return ids if array is None or array.dtype.kind not in "iu" or array.ndim == 0 else array.tolist()


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__") and hasattr(value, "shape")


def _of_lists(value: list[Any]) -> Output:
    if not all(
        isinstance(row, list) and all(type(number) is int or isinstance(number, np.integer) for number in row) for row in value
    ):
        raise NotAnAnswer("returned a list, expected an array or a list of lists of whole numbers", Symptom.RETURNED_LIST)
    if len({len(row) for row in value}) > 1:
        raise NotAnAnswer("returned lists of different lengths, expected rows of one length", Symptom.RETURNED_LIST)
    numbers = np.array(value, dtype=np.int64).reshape(len(value), -1 if any(value) else 0)
    fits = (numbers == numbers.astype(_OF_LISTS)).all()
    numbers = numbers.astype(_OF_LISTS) if fits else numbers
    return Output(numbers, numbers.dtype.name, "host")
