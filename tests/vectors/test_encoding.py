"""Numbers, arrays and texts as JSON: exact in both directions, and nothing that another language reads otherwise."""

from __future__ import annotations

import decimal
import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.vectors.encoding import decode, encode, read, rounded_down, written

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def _same(a: float, b: float) -> bool:
    return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))


@given(FLOATS)
def test_a_number_comes_back(number: float) -> None:
    """Bit by bit, the sign of zero included."""
    assert _same(read(written(number)), number)


@given(st.floats(min_value=0, allow_infinity=False))
def test_an_allowed_error_is_never_widened(number: float) -> None:
    """It is rounded down, by no more than a thousandth where it has its full digits, and only once."""
    short = float(rounded_down(number))
    assert short <= number
    assert number < 1e-300 or number - short <= number / 999
    assert rounded_down(short) == rounded_down(number)
    assert len(decimal.Decimal(rounded_down(number)).normalize().as_tuple().digits) <= 4


@pytest.mark.parametrize("text", ["inf", "nan", "1_000", " 1", "0x1p3", "1e5e", "", "-NaN", "+1", "1.", ".5"])
def test_only_the_canonical_spelling_is_read(text: str) -> None:
    """Python reads more than other languages do."""
    with pytest.raises(ValueError, match="expected a decimal in a string"):
        read(text)


def test_a_fraction_that_is_no_string_is_refused() -> None:
    """How exactly it was read would depend on the JSON library."""
    with pytest.raises(ValueError, match="expected fractional numbers as strings"):
        decode({"weight": [1.5]})


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**31), 2**31)
        | FLOATS
        | st.text(st.characters(exclude_categories=[]), max_size=5),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=8,
    )
)
def test_plain_values_come_back_through_json(value: object) -> None:
    """Lone surrogates too, and 1.0 is not 1."""
    back = decode(json.loads(json.dumps(encode(value, "float64"), allow_nan=False)))
    assert repr(back) == repr(value)


@pytest.mark.parametrize(
    "array",
    [
        np.array([[1.5, -0.0, np.nan], [np.inf, -np.inf, 5e-324]]),
        np.zeros((0, 3)),
        np.array(2.5),
        np.array([[1, 2]], dtype=np.int32),
        np.array([7]),
    ],
    ids=["specials", "empty", "scalar", "int32", "int64"],
)
def test_arrays_come_back(array: np.ndarray) -> None:
    """Shape, dtype and every element."""
    back = decode(json.loads(json.dumps(encode(array, "float64"), allow_nan=False)))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    assert np.array_equal(np.signbit(back), np.signbit(array))


def test_an_array_says_the_dtype_of_the_file() -> None:
    """Its numbers stay float64 here: the harness rounds them when it hands them over."""
    content = encode(np.array([0.5]), "float32")
    assert content == {"dtype": "float32", "shape": [1], "values": ["0.5"]}
    assert decode(content).dtype == np.float64


def test_a_shape_that_does_not_fit_is_refused() -> None:
    """Three values are no matrix of four."""
    with pytest.raises(ValueError, match="reshape"):
        decode({"dtype": "float64", "shape": [2, 2], "values": ["1.0", "2.0", "3.0"]})
    with pytest.raises(ValueError, match="whole numbers"):
        decode({"dtype": "int32", "shape": [1], "values": ["1.0"]})
