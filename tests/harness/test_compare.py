"""Expected and actual, side by side: the order of comparison, and every way in which an answer may be no number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.judging.compare import Comparison, compare
from conformance.judging.expectation import Expected
from conformance.respondent.responses import Output
from conformance.tolerance import LARGEST

LARGEST_32 = LARGEST["float32"]


def _expected(value: Any, allowed: float = 1.0, dtype: str = "float64", **rest: Any) -> Expected:
    value = np.asarray(value, dtype=dtype if dtype.startswith("int") else np.float64)
    return Expected(value, np.asarray(allowed), dtype, **rest)


def _output(value: Any, dtype: str = "float64", device: str = "cpu") -> Output:
    return Output(np.asarray(value, dtype="float32" if dtype == "bfloat16" else dtype), dtype, device)


def _one(expected: Expected, actual: Any, **rest: Any) -> Comparison:
    return compare({"value": expected}, {"value": actual}, "cpu", **rest)


@given(st.floats(-1e6, 1e6), st.floats(-4, 4), st.floats(1e-3, 10))
def test_the_budget_used_is_the_fraction_of_the_allowed_error(expected: float, units: float, allowed: float) -> None:
    """|actual − expected| / allowed; agreement is up to and including 1."""
    actual = expected + units * allowed
    comparison = _one(_expected([expected], allowed), _output([actual]))
    assert comparison.budget_used == abs(actual - expected) / allowed
    assert comparison.agrees == (abs(actual - expected) <= allowed)


def test_the_worst_element_is_described() -> None:
    """Index, actual, expected and allowed error of the element that used most of its own budget."""
    expected = Expected(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 0.25, 1.0]]), "float64")
    comparison = _one(expected, _output([[1.5, 2.2, 3.5]]))
    worst = comparison.worst
    assert worst is not None
    assert (worst.name, worst.index, worst.actual, worst.expected, worst.allowed) == ("value", (0, 1), 2.2, 2.0, 0.25)
    assert comparison.agrees


def test_a_scalar_has_the_empty_index() -> None:
    """A scalar's worst element is itself."""
    worst = _one(_expected(1.0), _output(1.5)).worst
    assert worst is not None
    assert worst.index == ()


# In the order of comparison. Every answer has its own fault and all the later ones.
ORDER = [
    ("names", {"wrong": _output([math.nan] * 3, "float32", "cuda")}, "missing value"),
    ("structure", {"value": [1.0]}, "expected an array, got list"),
    ("dtype", {"value": _output([math.nan] * 3, "float32", "cuda")}, "dtype"),
    ("shape", {"value": _output([math.nan] * 3, device="cuda")}, "shape"),
    ("device", {"value": _output([math.nan] * 2, device="cuda")}, "on cuda"),
    ("NaN", {"value": _output([5.0, math.nan])}, "NaN at index (1,)"),
]


@pytest.mark.parametrize(("fault", "answer", "words"), ORDER, ids=[fault for fault, _, _ in ORDER])
def test_the_order_of_comparison(fault: str, answer: dict[str, Any], words: str) -> None:
    """Names, structure, dtype, shape, device, NaN: of several faults the first in this order is reported, infinitely far away."""
    comparison = compare({"value": _expected([1.0, 2.0])}, answer, "cpu")
    assert comparison.budget_used == math.inf
    assert not comparison.agrees
    assert comparison.problem is not None
    assert words in comparison.problem


def test_names_missing_and_names_extra() -> None:
    """Both are named; the order of names is not a fault."""
    expected = {"a": _expected(1.0), "b": _expected(2.0)}
    problem = compare(expected, {"a": _output(1.0), "c": _output(1.0), "d": _output(1.0)}, "cpu").problem
    assert problem is not None
    assert problem == "expected results named a, b; missing b and too many: c, d"
    assert compare(expected, {"b": _output(2.0), "a": _output(1.0)}, "cpu").agrees
    assert not compare(expected, {}, "cpu").agrees
    assert not compare({}, {"a": _output(1.0)}, "cpu").agrees


def test_the_first_named_deviation_is_reported() -> None:
    """Of two results beyond their budget the first in the order of the expectation is reported, though the second is worse."""
    expected = {"first": _expected(0.0), "second": _expected(0.0)}
    comparison = compare(expected, {"second": _output(100.0), "first": _output(2.0)}, "cpu")
    assert comparison.worst is not None
    assert (comparison.worst.name, comparison.budget_used) == ("first", 2.0)


def test_the_worst_of_all_agreements_is_reported() -> None:
    """Among results inside their budgets the one that used most is described."""
    expected = {"a": _expected(0.0), "b": _expected(0.0), "c": _expected(0.0)}
    comparison = compare(expected, {"a": _output(0.25), "b": _output(0.5), "c": _output(0.125)}, "cpu")
    assert comparison.worst is not None
    assert (comparison.worst.name, comparison.budget_used) == ("b", 0.5)


def test_the_floor_hides_only_what_is_not_of_interest() -> None:
    """At or below the floor an agreement is not described; above it, or beyond the budget, it is."""
    expected = _expected(0.0)
    assert _one(expected, _output(0.5), floor=0.5).worst is None
    assert _one(expected, _output(0.5), floor=0.75).worst is None
    assert _one(expected, _output(0.5), floor=0.25).worst is not None
    assert _one(expected, _output(1.0), floor=1.0).worst is None
    for wrong in (2.0, math.nan, math.inf):
        assert not _one(expected, _output(wrong), floor=1e9).agrees
        assert _one(expected, _output(wrong), floor=1e9).worst is not None


@pytest.mark.parametrize("expected", [0.0, 1.0, math.inf, -math.inf, 1e300])
def test_nan_is_no_number(expected: float) -> None:
    """NaN never equals a number, not even an infinite one, however large the budget."""
    for allowed in (1.0, 1e308, math.inf):
        comparison = _one(_expected([expected, 1.0], allowed), _output([math.nan, 1.0]))
        assert comparison.budget_used == math.inf
        assert "NaN" in (comparison.problem or "")


def test_where_nan_is_right_only_nan_is() -> None:
    """An expected NaN is met by NaN alone."""
    assert _one(_expected([math.nan, 1.0]), _output([math.nan, 1.0])).agrees
    assert _one(_expected([math.nan, 1.0]), _output([math.nan, 1.0])).budget_used == 0.0
    for wrong in (0.0, math.inf, -math.inf):
        assert not _one(_expected([math.nan, 1.0]), _output([wrong, 1.0])).agrees


@pytest.mark.parametrize(("expected", "actual", "agrees"), [
    (math.inf, math.inf, True), (-math.inf, -math.inf, True), (math.inf, -math.inf, False), (-math.inf, math.inf, False),
    (math.inf, LARGEST["float64"], False), (0.0, math.inf, False), (1e300, math.inf, False),
])  # fmt: skip
def test_infinity_has_a_sign_and_is_no_number(expected: float, actual: float, agrees: bool) -> None:
    """+∞ is met by +∞ alone, and is no answer where a number is expected."""
    assert _one(_expected([expected, 1.0]), _output([actual, 1.0])).agrees == agrees


@pytest.mark.parametrize(("expected", "actual", "agrees"), [
    (1e39, math.inf, True), (-1e39, -math.inf, True), (1e39, -math.inf, False), (1e39, math.nan, False), (1e39, LARGEST_32, False),
    (LARGEST_32, math.inf, True), (LARGEST_32, LARGEST_32, True), (LARGEST_32 / 2, math.inf, False), (math.inf, math.inf, True),
])  # fmt: skip
def test_what_the_dtype_cannot_hold_is_infinite(expected: float, actual: float, agrees: bool) -> None:
    """Within one budget of the largest number infinity of the same sign is right, and beyond it nothing else."""
    comparison = _one(_expected([expected], LARGEST_32 * 1e-6, "float32"), _output([actual], "float32"))
    assert comparison.agrees == agrees
    assert (comparison.budget_used == 0.0) == agrees


def test_what_just_fits_is_finite() -> None:
    """Where value and error together are the largest number itself, nothing overflows."""
    value = 2.0**127
    assert not _one(_expected([value], LARGEST_32 - value, "float32"), _output([math.inf], "float32")).agrees


def test_a_wrong_number_needs_no_sentence() -> None:
    """Its numbers say it: the problem is for what is none."""
    comparison = _one(_expected([1.0, 2.0]), _output([1.0, 9.0]))
    assert (comparison.agrees, comparison.problem) == (False, None)
    assert _one(_expected([1.0, 2.0]), _output([1.0, 2.5])).problem is None


def test_a_sum_that_may_overflow() -> None:
    """Where an intermediate sum may overflow, infinity of the right sign is as right as the value; elsewhere it is not."""
    expected = _expected([1e38, 1e38, -1e38], 1e32, "float32", overflowing=np.array([True, False, True]))
    assert _one(expected, _output([math.inf, 1e38, -math.inf], "float32")).agrees
    assert _one(expected, _output([1e38, 1e38, -1e38], "float32")).agrees
    assert not _one(expected, _output([1e38, math.inf, -1e38], "float32")).agrees
    assert not _one(expected, _output([-math.inf, 1e38, -1e38], "float32")).agrees
    assert not _one(expected, _output([math.nan, 1e38, -1e38], "float32")).agrees
    assert not _one(expected, _output([0.0, 1e38, -1e38], "float32")).agrees


def test_what_has_no_single_right_value_is_finite() -> None:
    """Outside the comparable elements any finite number will do, and nothing else; inside, nothing is forgiven."""
    expected = _expected([0.0, 1.0], comparable=np.array([False, True]))
    assert _one(expected, _output([1e300, 1.0])).budget_used == 0.0
    for wrong in (math.nan, math.inf, -math.inf):
        assert not _one(expected, _output([wrong, 1.0])).agrees
    assert _one(expected, _output([0.5, 1.25])).budget_used == 0.25
    assert not _one(expected, _output([0.0, 3.0])).agrees
    assert not _one(expected, _output([0.0, math.nan])).agrees


def test_empty_arrays_agree_if_dtype_and_shape_do() -> None:
    """No element is no deviation; the wrong kind of nothing is one."""
    assert _one(_expected(np.zeros((0, 3))), _output(np.zeros((0, 3)))).budget_used == 0.0
    assert not _one(_expected(np.zeros((0, 3))), _output(np.zeros((3, 0)))).agrees
    assert not _one(_expected(np.zeros((0, 3))), _output(np.zeros((0, 3)), "float32")).agrees


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_coarse_answers_are_compared_in_full_precision(dtype: str) -> None:
    """The difference is taken in float64, so it neither overflows nor is rounded."""
    assert _one(_expected([1.0], 2.0**-30, dtype), _output([1.0], dtype)).budget_used == 0.0
    assert _one(_expected([1.0 + 2.0**-40], 2.0**-40, dtype), _output([1.0], dtype)).budget_used == 1.0


def test_weights_and_losses_lie_in_the_host_memory() -> None:
    """What is handed over in the host's memory is on no device, so on no wrong one."""
    assert compare({"value": _expected(1.0)}, {"value": _output(1.0, device="host")}, "cuda").agrees


@pytest.mark.parametrize(("expected", "actual"), [
    (0, 1), (0, -(2**31)), (-(2**31), 0), (2**31 - 1, -(2**31)), (-(2**31), 2**31 - 1), (-1, 2**31 - 1), (2**30, -(2**30)),
])  # fmt: skip
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_whole_numbers_are_equal_or_not(dtype: str, expected: int, actual: int) -> None:
    """Whole numbers that differ do not agree, however far apart: their difference must not wrap around."""
    assert not _one(_expected([3, expected], 0.5, dtype), _output([3, actual], dtype)).agrees
    assert _one(_expected([3, expected], 0.5, dtype), _output([3, expected], dtype)).budget_used == 0.0


def test_large_whole_numbers_are_not_rounded() -> None:
    """2⁵³ and 2⁵³ + 1 are different, though not in float64."""
    assert not _one(_expected([2**53], 0.5, "int64"), _output([2**53 + 1], "int64")).agrees
    assert not _one(_expected([2**63 - 1], 0.5, "int64"), _output([-(2**63)], "int64")).agrees
