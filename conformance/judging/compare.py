"""Expected and actual, side by side.

The order of comparison is structure, dtype, shape, device, positions of NaN and infinity, values. NaN never equals a number. The result
is a fraction of the error budget: at most 1 is agreement, and a structural difference is infinitely far away. What lies where there are no
numbers is compared up to its device, and the comparison says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.judging.expectation import Expectation, Expected
from conformance.respondent.frameworks import has_numbers
from conformance.respondent.printable import described
from conformance.respondent.responses import Output, Response, Returned
from conformance.respondent.symptoms import Symptom
from conformance.tolerance import at_the_limits
from reference.specification import Array


@dataclass(frozen=True)
class Worst:
    """The element that used most of its budget."""

    name: str
    index: tuple[int, ...]
    actual: Any
    expected: Any
    allowed: float


@dataclass(frozen=True)
class Comparison:
    """`budget_used` ≤ 1 is agreement, and without one there is a `symptom`.

    If something other than a number is wrong, `finding` says what, of the result at `place` if it is said of one. `remarks` names the
    literal forms by whose wider budgets it agrees. `without_values` says that there were no numbers to compare.
    """

    budget_used: float
    worst: Worst | None = None
    finding: str | None = None
    symptom: Symptom | None = None
    place: str | None = None
    remarks: tuple[str, ...] = ()
    without_values: bool = False

    @property
    def agrees(self) -> bool:
        return self.budget_used <= 1.0

    @property
    def problem(self) -> str | None:
        """The finding as a sentence that says where."""
        return f"{self.place}: {self.finding}" if self.finding is not None and self.place is not None else self.finding


def compare_response(expected: Expectation, response: Response, device: str, floor: float = 0.0) -> Comparison:
    """As `compare`; whatever is no answer does not agree."""
    if isinstance(response, Returned):
        return compare(expected, response.outputs, device, floor)
    return Comparison(math.inf, None, response.sentence, response.symptom)


@np.errstate(invalid="ignore", over="ignore")
def compare(expected: Expectation, outputs: Mapping[str, Any], device: str, floor: float = 0.0) -> Comparison:
    """The worst of all named results. The first in order that leaves its budget is the one reported.

    An agreement that uses no more than `floor` of its budget is not described: among thousands only the worst is of interest.
    """
    if list(expected) != list(outputs):
        missing, extra = [n for n in expected if n not in outputs], [n for n in outputs if n not in expected]
        if missing or extra:
            names = f"expected results named {', '.join(expected)}; " + _difference(missing, extra)
            return Comparison(math.inf, None, names, Symptom.WRONG_NAMES)
    worst, remarks, without_values = Comparison(0.0), dict[str, None](), False
    for name, result in expected.items():
        comparison = _compare_one(name, result, outputs[name], device, max(floor, worst.budget_used))
        if not comparison.agrees:
            return comparison
        remarks |= dict.fromkeys(comparison.remarks)
        without_values = without_values or comparison.without_values
        if comparison.budget_used > worst.budget_used:
            worst = comparison
    return replace(worst, remarks=tuple(remarks), without_values=without_values) if remarks or without_values else worst


def _compare_one(name: str, expected: Expected | Any, actual: Any, device: str, floor: float) -> Comparison:
    if not isinstance(expected, Expected):
        return _compare_exactly(name, expected, actual)
    if not isinstance(actual, Output):
        return _wrong(name, f"expected an array, got {type(actual).__name__}", Symptom.WRONG_TYPE)
    if actual.dtype != expected.dtype:
        return _wrong(name, f"expected dtype {expected.dtype}, got {actual.dtype}", Symptom.WRONG_DTYPE)
    if actual.array.shape != expected.value.shape:
        return _wrong(name, f"expected shape {expected.value.shape}, got {actual.array.shape}", Symptom.WRONG_SHAPE)
    if actual.device not in (device, "host"):
        return _wrong(name, f"expected a result on {device}, got one on {actual.device}", Symptom.WRONG_DEVICE)
    if not has_numbers(actual.device):
        return Comparison(0.0, without_values=True)
    comparison = _compare_values(name, expected, actual.array, floor)
    return comparison if comparison.agrees else _as_literal_form(name, expected, actual.array) or comparison


def _as_literal_form(name: str, expected: Expected, actual: Array) -> Comparison | None:
    """The comparison within the budget of the first literal form that this is; None if it is none."""
    for form, allowed in expected.accepted.items():
        comparison = _compare_values(name, replace(expected, allowed=allowed), actual, 0.0)
        if comparison.agrees:
            return replace(comparison, remarks=(form,))
    return None


def _compare_values(name: str, expected: Expected, actual: Array, floor: float) -> Comparison:
    if actual.size == 0:
        return Comparison(0.0)
    # In the widest type: the difference of two int32 can exceed int32, and float64 would round large int64.
    widest = np.int64 if actual.dtype.kind == expected.value.dtype.kind == "i" else np.float64
    used = np.abs(np.subtract(actual, expected.value, dtype=widest)) / expected.allowed
    largest = used.max()
    # A NaN anywhere makes the maximum NaN, which is not ≤ 1.
    if expected.comparable is not None or not largest <= 1.0:
        real = actual.astype(np.float64, copy=False)
        used = at_the_limits(used, expected.value, real, expected.infinite, expected.lost, expected.comparable)
        largest = used.max()
    if largest <= 1.0 and largest <= floor:
        return Comparison(float(largest))
    index = tuple(int(i) for i in np.unravel_index(int(used.argmax()), used.shape))
    allowed = float(np.broadcast_to(expected.allowed, used.shape)[index])
    worst = Worst(name, index, actual[index].item(), expected.value[index].item(), allowed)
    if math.isnan(worst.actual) and not math.isnan(worst.expected):
        finding = f"is NaN at index {index}, expected {worst.expected!r}"
        # Where no single value is right even NaN may do; then there is nothing to notice.
        return Comparison(float(largest), worst, finding, None if largest <= 1.0 else Symptom.NOT_A_NUMBER, name)
    return Comparison(float(largest), worst, symptom=None if largest <= 1.0 else Symptom.WRONG_VALUE)


def _compare_exactly(name: str, expected: Any, actual: Any) -> Comparison:
    """Equal in value and type: True is not 1, and a lying __eq__ is not asked."""
    return _first_difference(expected, actual, name) or Comparison(0.0)


def _first_difference(expected: Any, actual: Any, place: str) -> Comparison | None:
    if type(actual) is not type(expected):
        return _wrong(place, f"expected {described(expected)}, got {described(actual)}", Symptom.WRONG_TYPE)
    if isinstance(expected, list):
        for index, (want, got) in enumerate(zip(expected, actual, strict=False)):
            difference = _first_difference(want, got, f"{place}[{index}]")
            if difference is not None:
                return difference
        if len(expected) == len(actual):
            return None
        return _wrong(place, f"length: expected {len(expected)}, got {len(actual)}", Symptom.WRONG_SHAPE)
    if expected == actual:
        return None
    return _wrong(place, f"expected {described(expected)}, got {described(actual)}", Symptom.WRONG_VALUE)


def _wrong(place: str, finding: str, symptom: Symptom) -> Comparison:
    return Comparison(math.inf, None, finding, symptom, place)


def _difference(missing: list[str], extra: list[str]) -> str:
    parts = [f"{words} {', '.join(names)}" for words, names in (("missing", missing), ("too many:", extra)) if names]
    return " and ".join(parts)
