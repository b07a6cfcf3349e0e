"""The numbers that say how close is close enough, against hand calculation, exact fractions, NumPy and PyTorch."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from conformance.respondent.frameworks import DTYPES
from conformance.tolerance import (
    ALLOWED_BETWEEN_WHOLE_NUMBERS,
    EXPLANATION_ROOM,
    LARGEST,
    LEAST_PERTURBATION,
    SMALLEST_NORMAL,
    UNIT_ROUNDOFF,
    allowed_error,
    explained_error,
    is_lost_digits,
    may_overflow,
    measured_scale,
    perturbation,
    round_into,
    round_to,
    samples_agree,
    saturated,
    steps_agree,
    stored_as,
)

# Significant bits and exponent of the smallest normal number, from IEEE 754 and the definition of bfloat16.
STORED = tuple(dtype for dtype in DTYPES if stored_as(dtype) == dtype)
FORMATS = {"float64": (53, -1022), "float32": (24, -126), "bfloat16": (8, -126), "float16": (11, -14)}
WHOLE_RANGE = st.floats(min_value=-3e38, max_value=3e38)
ORDINARY = st.floats(min_value=-6e4, max_value=6e4)


def _nearest(x: float, dtype: str) -> float:
    """Ties to even, in exact fractions: the definition, not a sequence of casts."""
    bits, least = FORMATS[dtype]
    exponent = max(math.frexp(x)[1] - 1, least)
    quantum = Fraction(2) ** (exponent - bits + 1)
    return float(round(Fraction(x) / quantum) * quantum)  # Fraction.__round__ rounds ties to even


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_constants_are_those_of_numpy(dtype: str) -> None:
    """u is half of NumPy's eps; smallest normal and largest number are NumPy's."""
    info = np.finfo(dtype)
    assert UNIT_ROUNDOFF[dtype] == info.eps / 2
    assert SMALLEST_NORMAL[dtype] == info.smallest_normal
    assert LARGEST[dtype] == info.max


@pytest.mark.parametrize("dtype", STORED)
def test_constants_are_those_of_torch(dtype: str) -> None:
    """PyTorch agrees, on bfloat16 too."""
    info = torch.finfo(getattr(torch, dtype))
    assert (UNIT_ROUNDOFF[dtype], SMALLEST_NORMAL[dtype], LARGEST[dtype]) == (info.eps / 2, info.tiny, info.max)


@pytest.mark.parametrize(
    ("dtype", "scale", "roundings", "length", "expected"),
    [
        ("float64", 1.0, 8, 1, 9 * (2.0**-53 + 2.0**-1022)),
        ("float32", 3.0, 6, 16, 10 * (3 * 2.0**-24 + 2.0**-126)),
        ("bfloat16", 0.5, 4, 17, 9 * (2.0**-9 + 2.0**-126)),
        ("float16", 2.0, 0, 100, 10 * (2.0**-10 + 2.0**-14)),
        ("float16", 0.0, 8, 4, 10 * 2.0**-14),
    ],
)
def test_allowed_error_by_hand(dtype: str, scale: float, roundings: int, length: int, expected: float) -> None:
    """allowed = (roundings + ⌈√length⌉) · (u · scale + smallest normal)."""
    assert float(allowed_error(scale, dtype, roundings, length)) == expected


@given(st.sampled_from(DTYPES), st.floats(0, 1e30), st.floats(1, 1e3), st.integers(0, 40), st.integers(1, 10**6))
def test_allowed_error_grows(dtype: str, scale: float, factor: float, roundings: int, length: int) -> None:
    """More roundings, longer sums, larger scales and coarser dtypes are never allowed less; nothing is allowed no error."""
    allowed = allowed_error(scale, dtype, roundings, length)
    assert allowed > 0
    assert allowed <= allowed_error(scale * factor, dtype, roundings, length)
    assert allowed < allowed_error(scale, dtype, roundings + 1, length)
    assert allowed <= allowed_error(scale, dtype, roundings, length + 1)
    finer = allowed_error(scale, "float64", roundings, length), allowed_error(scale, "float32", roundings, length)
    assert finer[0] <= finer[1] <= allowed_error(scale, "bfloat16", roundings, length)


def test_allowed_error_has_the_shape_of_its_scale() -> None:
    """Every element has its own budget."""
    scale = np.array([[0.0, 1.0, 4.0]])
    assert allowed_error(scale, "float32", 3, 1).tolist() == [[float(allowed_error(s, "float32", 3, 1)) for s in (0.0, 1.0, 4.0)]]


def test_whole_numbers_are_told_apart() -> None:
    """The budget of whole numbers is less than the distance between two of them."""
    assert 0 < ALLOWED_BETWEEN_WHOLE_NUMBERS < 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_overflow_is_possible_from_the_largest_number_on(dtype: str) -> None:
    """A sum of n terms may overflow from LARGEST / n, not before; NaN never."""
    assert may_overflow(LARGEST[dtype], dtype, 1)
    assert may_overflow(math.inf, dtype, 1)
    assert may_overflow(LARGEST[dtype] / 4, dtype, 4)
    assert not may_overflow(np.nextafter(LARGEST[dtype] / 4, 0), dtype, 4)
    assert may_overflow(np.array([0.0, math.nan, math.inf]), dtype, 7).tolist() == [False, False, True]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_perturbation_is_seen_in_both_precisions(dtype: str) -> None:
    """η is the unit roundoff, but at least 2⁻⁴⁴, and moves any float64 number by many of its units."""
    assert perturbation(dtype) == max(UNIT_ROUNDOFF[dtype], LEAST_PERTURBATION)
    assert perturbation(dtype) >= 2**8 * UNIT_ROUNDOFF["float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_measured_scale_by_hand(dtype: str) -> None:
    """Largest spread, plus root mean square of all spreads, plus the value."""
    eta, expected = perturbation(dtype), np.array([1.0, -2.0])
    runs = [expected + eta * np.array([4.0, 0.0]), expected - eta * np.array([2.0, 0.0])]
    assert measured_scale(expected, runs, dtype).tolist() == [4 + math.sqrt(5) + 1, math.sqrt(5) + 2]


@pytest.mark.parametrize("dtype", DTYPES)
def test_measured_scale_with_a_run_that_saturates_early(dtype: str) -> None:
    """Its distance is a spread of its element, in units of the roundoff, and of no other: the mean leaves it out; NaN says nothing."""
    eta, u, expected = perturbation(dtype), UNIT_ROUNDOFF[dtype], np.array([1.0, -2.0, 0.5])
    runs = [expected + eta * np.array([4.0, 0.0, 2.0]), expected - eta * np.array([2.0, 0.0, 4.0])]
    early = expected + u * np.array([3.0, 1024.0, np.nan])
    mean = math.sqrt((16 + 4 + 4 + 16) / 6)
    scale = measured_scale(expected, runs, dtype, early)
    assert scale.tolist() == pytest.approx([4 + mean + 1, 1024 + mean + 2, 4 + mean + 0.5], rel=1e-2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_saturated_is_what_a_library_may_round_to_one(dtype: str) -> None:
    """Within eight units, in 16 bits within half of one; all else, zero too, is as it was."""
    within = UNIT_ROUNDOFF[dtype] * (8 if dtype in ("float64", "float32") else 0.5)
    results = np.array([1 - within, -1 + within, 0.0, 1.0, -1.0])
    assert saturated(results, dtype).tolist() == [1.0, -1.0, 0.0, 1.0, -1.0]
    others = np.array([1 - 1.25 * within, -1 + 1.25 * within, 0.25 + 2.0**-30, 0.75 - 2.0**-9])
    assert np.array_equal(saturated(others, dtype), others)
    if within < UNIT_ROUNDOFF[dtype]:
        assert round_to(results, dtype).tolist() == saturated(results, dtype).tolist()


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.lists(st.integers(-8, 8), min_size=1, max_size=5))
def test_measured_scale_is_at_least_the_value(value: list[float], moves: list[int]) -> None:
    """Never less than the magnitude; equal to it where no run moved; more runs never make it less sensitive than its largest spread."""
    expected = np.array(value)
    still = measured_scale(expected, [expected] * 3, "float32")
    assert still.tolist() == np.abs(expected).tolist()
    runs = [expected * (1 + move * perturbation("float32")) for move in moves]
    scale = measured_scale(expected, runs, "float32")
    assert np.all(scale >= np.abs(expected))
    assert np.all(scale * perturbation("float32") >= np.abs(np.stack(runs) - expected).max(axis=0))


@pytest.mark.parametrize("dtype", STORED)
@given(x=ORDINARY | st.floats(-1e-3, 1e-3) | st.floats(-1e-37, 1e-37))
def test_rounding_is_to_nearest_ties_to_even(dtype: str, x: float) -> None:
    """The nearest number of the dtype by exact arithmetic, subnormal numbers included."""
    assert float(round_to(x, dtype)) == _nearest(x, dtype)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@given(whole=st.integers(2**7, 2**8 - 1), power=st.integers(-12, 4), beside=st.sampled_from([0, 1, -1]))
def test_rounding_at_and_beside_a_tie(dtype: str, whole: int, power: int, beside: int) -> None:
    """Exactly between two numbers the even one is taken; the least bit beside it decides."""
    bits = FORMATS[dtype][0]
    tie = (whole + 0.5) * 2.0 ** (power - 7 + 8 - bits) if bits == 8 else ((whole << (bits - 8)) + 0.5) * 2.0 ** (power + 1 - bits)
    x = tie if beside == 0 else np.nextafter(tie, beside * math.inf)
    assert float(round_to(x, dtype)) == _nearest(x, dtype)


@pytest.mark.parametrize("dtype", STORED)
@given(x=st.floats(width=32, min_value=-6e4, max_value=6e4))
def test_rounding_is_that_of_torch(dtype: str, x: float) -> None:
    """From a float32 number PyTorch rounds to the same number."""
    assert float(round_to(x, dtype)) == torch.tensor(x, dtype=torch.float32).to(getattr(torch, dtype)).item()


@pytest.mark.parametrize("dtype", DTYPES)
@given(values=st.lists(WHOLE_RANGE, min_size=1, max_size=5))
def test_rounding_is_a_projection(dtype: str, values: list[float]) -> None:
    """Rounding twice is rounding once; order is kept; the sign, that of zero too, is kept; the result is float64 and in range."""
    inside = np.clip(np.sort(values), -LARGEST[dtype], LARGEST[dtype])
    rounded = round_to(inside, dtype)
    assert rounded.dtype == np.float64
    assert np.array_equal(round_to(rounded, dtype), rounded)
    assert np.all(np.diff(rounded) >= 0)
    assert np.array_equal(round_to(-inside, dtype), -rounded)
    assert np.array_equal(np.signbit(rounded), np.signbit(inside))
    assert np.all(np.abs(rounded) <= LARGEST[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_rounding_keeps_what_is_no_finite_number(dtype: str) -> None:
    """NaN stays NaN, whatever its bits, and infinity stays infinity."""
    odd = np.array([0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF], dtype=np.uint64).view(np.float64)
    assert np.isnan(round_to(np.array([math.nan, *odd]), dtype)).all()
    assert round_to(np.array([math.inf, -math.inf]), dtype).tolist() == [math.inf, -math.inf]


@pytest.mark.parametrize("dtype", DTYPES)
def test_rounding_beyond_the_largest_number(dtype: str) -> None:
    """The largest number stays; half a unit beyond it is infinite, in silence; whole numbers become float64."""
    largest = LARGEST[dtype]
    with np.errstate(all="raise"):
        assert round_to(np.array([largest, -largest]), dtype).tolist() == [largest, -largest]
        if dtype != "float64":
            beyond = largest * (1 + UNIT_ROUNDOFF[dtype])
            assert round_to(np.array([beyond, -beyond, 1e300]), dtype).tolist() == [math.inf, -math.inf, math.inf]
    assert round_to(3, dtype).dtype == np.float64  # type: ignore[arg-type]


@pytest.mark.parametrize(("eighths", "rounded"), [(1.5, 2.0), (2.5, 2.0), (0.5, 0.0), (0.75, 1.0), (127.5, 128.0)])
def test_below_the_smallest_normal_number_steps_are_equal(eighths: float, rounded: float) -> None:
    """bfloat16 has no smaller step than 2⁻¹³³."""
    assert float(round_to(eighths * 2.0**-133, "bfloat16")) == rounded * 2.0**-133


def _above(x: float, dtype: str) -> float:
    """The least number of the dtype that is not below x."""
    bits, least = FORMATS[dtype]
    quantum = Fraction(2) ** (max(math.frexp(x)[1] - 1, least) - bits + 1)
    return float(math.ceil(Fraction(x) / quantum) * quantum)


@pytest.mark.parametrize("dtype", STORED)
@given(low=ORDINARY, width=st.floats(1, 1e4), place=st.floats(-0.5, 1.5))
def test_rounding_into_an_interval(dtype: str, low: float, width: float, place: float) -> None:
    """The nearest number of the dtype, but none outside: beyond an end it is the first number inside."""
    # So wide that numbers of every dtype lie inside.
    high = low + width + abs(low) * 2.0**-5
    x = low + place * (high - low)
    least, greatest = _above(low, dtype), -_above(-high, dtype)
    rounded = float(round_into(np.array([x]), low, high, dtype)[0])
    assert rounded == min(max(_nearest(min(max(x, low), high), dtype), least), greatest)
    assert low <= rounded <= high


@pytest.mark.parametrize("dtype", STORED)
def test_rounding_into_everything(dtype: str) -> None:
    """Ends that the dtype cannot hold are its largest numbers; ends near zero are not rounded across it."""
    everything = round_into(np.array([-math.inf, 1.0, math.inf]), -math.inf, math.inf, dtype)
    assert everything.tolist() == [-LARGEST[dtype], 1.0, LARGEST[dtype]]
    tiny = SMALLEST_NORMAL[dtype] * 2.0**-40
    above, below = round_into(np.array([0.0]), tiny, 1.0, dtype)[0], round_into(np.array([0.0]), -1.0, -tiny, dtype)[0]
    least = _above(tiny, dtype)
    assert (float(above), float(below)) == (least, -least)


def test_an_explanation_has_room() -> None:
    """Sixteen times the budget and the rounding of what is predicted; of another shape the largest budget for every element."""
    allowed, predicted = np.array([1.0, 2.0]), np.array([8.0, -4.0])
    u = UNIT_ROUNDOFF["float32"]
    assert explained_error(allowed, predicted, "float32").tolist() == [
        EXPLANATION_ROOM * (1 + 8 * u),
        EXPLANATION_ROOM * (2 + 4 * u),
    ]
    assert explained_error(np.asarray(1.0), predicted, "float64").shape == (2,)
    assert explained_error(allowed, np.zeros((2, 2)), "float64").tolist() == [[EXPLANATION_ROOM * 1.0, EXPLANATION_ROOM * 2.0]] * 2
    assert explained_error(allowed, np.zeros(()), "float64").tolist() == EXPLANATION_ROOM * 2.0
    assert explained_error(allowed, np.zeros((3, 1)), "float64").tolist() == [[EXPLANATION_ROOM * 2.0]] * 3


@pytest.mark.parametrize(
    ("actual", "expected", "lost"),
    [
        ([1.0, 100.0], [1.0, 100.0], True),
        ([2.0, 99.0], [1.0, 100.0], True),
        ([2.01, 100.0], [1.0, 100.0], False),
        ([-1.0], [1.0], False),
        ([0.0, 101.0], [1.0, -100.0], False),
        ([-99.5], [-100.0], True),
        ([], [], True),
        ([1e-300], [0.0], False),
    ],
)
def test_lost_digits_are_a_hundredth_of_the_largest(actual: list[float], expected: list[float], lost: bool) -> None:
    """Every element within a hundredth of the largest magnitude."""
    assert is_lost_digits(np.array(actual), np.array(expected)) is lost


@pytest.mark.parametrize(("scale", "shift", "agree"), [(1.0, 0.0, True), (2.0, 0.0, False), (0.5, 0.0, False), (1.0, 0.5, False)])
def test_samples_of_one_distribution_agree(scale: float, shift: float, agree: bool) -> None:
    """A few thousand numbers tell half the width and half the width further; rounding to either side of a value does not count."""
    rng = np.random.default_rng(0)
    sample, other = rng.standard_normal(4_000), scale * rng.standard_normal(4_000) + shift
    assert samples_agree(sample, other) == agree
    constant = np.full(4_000, 1.0)
    assert samples_agree(constant, constant.astype(np.float32) * np.float32(1 + 2**-23))
    assert not samples_agree(constant, constant * 1.1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_ways_of_the_same_steps_agree(dtype: str) -> None:
    """To a few thousand roundings a step, and not to a hundredth."""
    value = np.array([1.0, 0.25])
    assert steps_agree(value * (1 + 100 * UNIT_ROUNDOFF[dtype]), value, dtype, 1)
    assert not steps_agree(value * 1.01, value, dtype, 6)
    assert not steps_agree(value[:1], value, dtype, 6)
