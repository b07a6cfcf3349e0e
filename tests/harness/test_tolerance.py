"""The numbers that say how close is close enough, against hand calculation, exact fractions, NumPy and PyTorch."""

from __future__ import annotations

import math

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
    wanted = np.array([4 + mean + 1, 1024 + mean + 2, 4 + mean + 0.5])
    assert np.all(np.abs(scale - wanted) <= allowed_error(wanted, "float64", 8, 6))


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if stored_as(dtype) == dtype])
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
