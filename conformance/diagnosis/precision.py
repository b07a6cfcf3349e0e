"""Whether answers were computed in a narrower precision than was asked for: then no formula is wrong, and no digits were cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from conformance.judging.expectation import Expected
from conformance.judging.verdicts import Evidence
from conformance.respondent import frameworks
from conformance.respondent.responses import Output, Returned
from conformance.targets.target import Target
from conformance.tolerance import LARGEST, is_lost_digits, round_to
from reference.specification import Array

_NARROWER = {"float64": ("float32", "bfloat16", "float16"), "float32": ("bfloat16", "float16")}
_FEWEST = 3  # numbers of a narrower precision come by chance where there are few


def narrower_precision(target: Target, failed: Sequence[Evidence]) -> str | None:
    """A sentence that says in which precision was computed, and how that is mended; None if it was the one that was asked for."""
    pairs = list(_pairs(failed))
    for dtype in _NARROWER.get(target.dtype, ()):
        claimed = [output.dtype == dtype for output, _ in pairs]
        if pairs and all(claimed):
            what = "dtype of the answer"
        elif not any(claimed) and _are_numbers_of(dtype, pairs):
            what = f"every number of the answer is one of {dtype}"
        else:
            continue
        if all(_is_as_near(dtype, output.array.astype(np.float64), right.value) for output, right in pairs):
            mend = frameworks.facts(target.framework).precision.format(dtype=target.dtype)
            return f"it computes in {dtype} where {target.dtype} was asked ({what})" + (f": {mend}" if mend else "")
    return None


def _is_as_near(dtype: str, actual: Array, expected: Array) -> bool:
    """Nearly right; but infinite or no number, if so it is, where the narrower precision holds no number as large."""
    held = np.isfinite(actual) | (np.abs(expected) <= LARGEST[dtype])
    return is_lost_digits(actual[held], expected[held])


def _pairs(failed: Sequence[Evidence]) -> Iterator[tuple[Output, Expected]]:
    """Of every case the first array that differs, with the right one: what follows from it need not be of the same precision."""
    for observation in failed:
        if isinstance(observation.response, Returned):
            for name, right in observation.expected.items():
                output = observation.response.outputs.get(name)
                if not (isinstance(right, Expected) and isinstance(output, Output) and output.array.shape == right.value.shape):
                    break
                if output.dtype != right.dtype or np.any(np.abs(output.array.astype(np.float64) - right.value) > right.allowed):
                    yield output, right
                    break


def _are_numbers_of(dtype: str, pairs: Sequence[tuple[Output, Expected]]) -> bool:
    """Whether all answers are numbers of the dtype, and the right ones, in some places, are not."""
    exact = all(np.array_equal(_rounded(output.array, dtype), output.array, equal_nan=True) for output, _ in pairs)
    telling = sum(int(np.sum(_rounded(right.value, dtype) != right.value)) for _, right in pairs)
    return exact and telling >= _FEWEST


@np.errstate(all="ignore")
def _rounded(array: Array, dtype: str) -> Array:
    return round_to(np.asarray(array, dtype=np.float64), dtype)
