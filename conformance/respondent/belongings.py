"""What belongs to the caller stays as it is: inputs, weights that were handed over, arrays that were handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.respondent.frameworks import Framework, has_numbers
from conformance.respondent.responses import NotAnAnswer
from conformance.respondent.symptoms import Symptom


def own(value: Any) -> Any:
    """A copy of inputs that the target may do with as it likes."""
    if isinstance(value, Mapping):
        return {key: own(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(own(item) for item in value)
    return value.copy() if isinstance(value, np.ndarray) else value


def refuse_changed_lists(arguments: Mapping[str, Any], originals: Mapping[str, Any]) -> None:
    """Raises NotAnAnswer if a list is no longer what it was."""
    for name, value in originals.items():
        if isinstance(value, list) and arguments[name] != value:
            raise NotAnAnswer(f"changed its input {name!r}", Symptom.CHANGED_INPUT)


def refuse_shared_memory(arrays: Mapping[str, Any], before: Mapping[str, Any], sentence: str) -> None:
    """Raises NotAnAnswer with the sentence if an array is no longer what it was."""
    for name, array in arrays.items():
        if isinstance(array, np.ndarray) and not np.array_equal(array, before[name], equal_nan=True):
            raise NotAnAnswer(sentence, Symptom.CHANGED_INPUT)


def refuse_changed_inputs(framework: Framework, tensors: Mapping[str, Any], originals: Mapping[str, Any]) -> None:
    """Raises NotAnAnswer if a tensor is no longer what it was. Without numbers nobody can tell."""
    for name, tensor in tensors.items():
        output = framework.to_output(tensor)
        if has_numbers(output.device) and not np.array_equal(output.array, originals[name]):
            raise NotAnAnswer(f"changed its input {name!r}", Symptom.CHANGED_INPUT)
