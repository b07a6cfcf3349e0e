"""Mistakes that any function can make in what it returns: types, dtypes, shapes, order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from conformance.faults.fault import Fault

SCALARS = ("kl_sparsity_loss", "l1_activity_loss", "vae_kl_loss", "mean_squared_error", "binary_cross_entropy")
FUNCTIONS = (*SCALARS, "reparameterize")
_BY_SAMPLE = ("vae_kl_loss", "mean_squared_error", "binary_cross_entropy", "reparameterize")
Function = Callable[..., Any]


def _answering(change: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """A change of what is returned."""
    return lambda function: lambda **inputs: change(function(**inputs))


def _repeated(function: Function) -> Function:
    def repeated(**inputs: Any) -> Any:
        value = np.asarray(function(**inputs))
        return np.broadcast_to(value, (len(arrays(inputs)[0]),)).copy() if value.ndim == 0 else value

    return repeated


def arrays(inputs: dict[str, Any]) -> list[Any]:
    """The arrays among the inputs."""
    return [x for x in inputs.values() if isinstance(x, np.ndarray)]


def _interface(
    id: str,
    specs: tuple[str, ...],
    wrap: Callable[[Function], Function],
    sentence: str,
    hint: str,
    seen: str,
    symptom: str | None = None,
) -> Fault:
    return Fault(id, specs, sentence, hint, seen, wrap=wrap, symptom=symptom)


_TYPE = "Print the type, the dtype and the shape of what you return."
_DIGITS = "How many digits does your result share with the expected one? How many does a number of this precision have?"

ENTRIES = (
    _interface(
        "python_float",
        FUNCTIONS,
        _answering(lambda value: float(np.sum(value))),
        "A Python float is returned, so that no gradient exists.",
        _TYPE,
        ".item(), float(), .numpy() on the way out",
        "returned_float",
    ),
    _interface(
        "returns_none",
        FUNCTIONS,
        _answering(lambda value: None),
        "Nothing is returned.",
        _TYPE,
        "a missing return, so that the loss is None",
        "returned_none",
    ),
    _interface(
        "returns_tuple",
        FUNCTIONS,
        _answering(lambda value: (value, value)),
        "A tuple is returned.",
        _TYPE,
        "functions that return the loss and its parts; a trailing comma",
        "returned_tuple",
    ),
    _interface(
        "returns_list",
        FUNCTIONS,
        _answering(lambda value: np.asarray(value).tolist() if np.ndim(value) else [value]),
        "A list is returned.",
        _TYPE,
        "losses collected sample by sample",
        "returned_list",
    ),
    _interface(
        "returns_truth",
        FUNCTIONS,
        _answering(lambda value: np.asarray(value) > 0),
        "Truth values are returned.",
        _TYPE,
        "think of a comparison left over from debugging",
        "returned_truth",
    ),
    _interface(
        "returns_single",
        FUNCTIONS,
        _answering(lambda value: np.asarray(value).astype(np.float32)),
        "The result is single precision, whatever the inputs are.",
        _TYPE,
        "frameworks whose default dtype is float32",
    ),
    _interface(
        "returns_whole",
        FUNCTIONS,
        _answering(lambda value: np.clip(value, -1e18, 1e18).astype(np.int64)),
        "The result is cut to whole numbers.",
        _TYPE,
        "think of a dtype inherited from labels",
    ),
    _interface(
        "keeps_axis",
        FUNCTIONS,
        _answering(lambda value: np.asarray(value)[..., None]),
        "The result has one axis too many, at the end.",
        _TYPE,
        "sums that keep their dimensions",
    ),
    _interface(
        "extra_batch_axis",
        _BY_SAMPLE,
        _answering(lambda value: np.asarray(value)[None]),
        "The result has one axis too many, in front.",
        _TYPE,
        "unsqueeze(0) left over",
    ),
    _interface(
        "value_repeated",
        SCALARS,
        _repeated,
        "The scalar is repeated for every sample.",
        _TYPE,
        "keras losses, which are means of (B,)",
    ),
    _interface(
        "rounded_result",
        FUNCTIONS,
        _answering(lambda value: np.round(value, 4)),
        "The result is rounded to four decimals.",
        _DIGITS,
        "rounding for display, kept",
    ),
    _interface(
        "batch_reversed",
        _BY_SAMPLE,
        _answering(lambda value: value[::-1].copy() if np.ndim(value) else value),
        "The samples come back in reverse order.",
        "Give a batch whose samples differ, without a reduction.",
        "stacks unwound backwards",
    ),
)
