"""The nearest numbers of a dtype, against exact fractions and PyTorch: ties, the ends of the range, intervals."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from conformance.respondent.frameworks import DTYPES
from conformance.tolerance import LARGEST, SMALLEST_NORMAL, UNIT_ROUNDOFF, round_into, round_to, stored_as

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
