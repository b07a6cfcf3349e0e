"""Gradients, kinks and error scales of small functions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.derivation.exchanged import exchanged
from conformance.derivation.measured import Written
from conformance.tolerance import LARGEST, UNIT_ROUNDOFF
from reference.arguments import real_array
from reference.domains import Number, Reals

X = Reals(("samples",), -4.0, 4.0, typical=(-2.0, 2.0))


def _written(function) -> Written:
    return Written(function, {"x": X}, ("x",))


def _checked(x):
    x = real_array("x", x, rank=1)
    if np.any(np.asarray(x, dtype=float) > 5.0):
        raise ValueError("x: expected at most 5")
    return np.sum(x**2)


def test_argument_checks_let_recorded_arrays_through() -> None:
    """A function that checks its argument and makes an array of it is differentiated all the same, and still refuses."""
    written = _written(_checked)
    assert written.vjp(np.asarray(1.0), x=np.array([1.0, -2.0]))["x"].tolist() == [2.0, -4.0]
    with pytest.raises(ValueError, match="x: expected at most 5"):
        written.vjp(np.asarray(1.0), x=np.array([6.0]))


def test_the_function_itself_stays_as_it_is() -> None:
    """What is exchanged is a copy: the function answers plain arrays as before."""
    exchanged(_checked)
    assert type(_checked(np.array([1.0]))) is np.float64


@pytest.mark.parametrize(
    ("function", "kinks"),
    [
        (lambda x: np.abs(x), [True, False, False]),
        (lambda x: np.maximum(x, 1.0), [False, True, False]),
        (lambda x: np.where(x > 1.0, 2.0 * x - 1.0, x), [False, True, False]),
        (lambda x: np.sqrt(np.sum(x[:1] ** 2)) + np.sum(x), [True, False, False]),
        (lambda x: x**3 + np.exp(x), [False, False, False]),
        (lambda x: x**2, [False, False, False]),
    ],
)
def test_kinks_are_where_one_sided_slopes_differ(function, kinks: list[bool]) -> None:
    """At 0, 1 and 2 the mask is off exactly where the slope jumps."""
    with np.errstate(all="ignore"):
        assert (~_written(function).comparable(x=np.array([0.0, 1.0, 2.0]))["x"]).tolist() == kinks


def test_a_branch_that_roundings_decide_is_a_kink() -> None:
    """Within a rounding error of float32 beside the kink another precision may take the other branch."""
    near = np.array([1.0 + UNIT_ROUNDOFF["float32"], 1.001])
    assert _written(lambda x: np.maximum(x, 1.0)).comparable(x=near)["x"].tolist() == [False, True]


def test_cancellation_widens_the_scale() -> None:
    """What is left of a difference errs by the rounding of what was subtracted: literally by that of 1, and by no more than its own where
    it is written without a difference."""
    small = np.array([1e-9])
    literal, stable = _written(lambda x: np.exp(x) - 1.0), _written(lambda x: np.expm1(x))
    assert literal.error_scale(x=small) > 0.5
    assert stable.error_scale(x=small) < 1e-8


def test_elements_of_different_magnitude_have_scales_of_their_own() -> None:
    """A large element makes no room for a small one beside it."""
    scale = _written(lambda x: 3.0 * x).error_scale(x=np.array([4.0, 1e-12]))
    assert scale[1] < 1e-10 < 1.0 < scale[0]


def test_moved_inputs_stay_inside_their_domain() -> None:
    """A function that refuses what is outside is measured at the very end of its domain."""

    def f(x, share=0.5):
        if np.any(np.asarray(x) > 1.0) or not 0.0 < share < 1.0:
            raise ValueError("outside")
        return share * x

    written = Written(f, {"x": Reals(("samples",), 0.0, 1.0, typical=(0.0, 1.0)), "share": Number(0.0, 1.0, 0.5)}, ("x",))
    assert np.isfinite(written.error_scale(x=np.ones(3), share=1.0 - 2.0**-53)).all()


def test_what_overflows_is_no_number_of_the_scale() -> None:
    """Where a move takes a result past the largest number the scale is infinite, and never NaN."""
    scale = Written(lambda x: x * 1.0, {"x": Reals(("samples",), 0.0, np.inf, typical=(0.0, 1.0))}, ("x",)).error_scale(
        x=np.array([LARGEST["float64"], 1.0])
    )
    assert np.isposinf(scale[0])
    assert np.isfinite(scale[1])


def test_matrix_functions_are_rounded_too() -> None:
    """What NumPy computes outside its elementwise functions is moved as well."""
    matrix = Written(
        lambda a: np.einsum("ij->", np.linalg.inv(a)), {"a": Reals(("n", "n"), -9.0, 9.0, typical=(-1.0, 1.0))}, ("a",)
    )
    assert matrix.error_scale(a=np.array([[1.0, 2.0], [3.0, 4.0]])) > 1.0


def test_an_inverse_is_off_by_its_largest_element() -> None:
    """What solvers promise is relative to the largest element of a matrix, not to each."""
    scale = Written(lambda a: np.linalg.inv(a), {"a": Reals(("n", "n"), -1e9, 1e9, typical=(-1.0, 1.0))}, ("a",)).error_scale(
        a=np.array([[1.0, 0.0], [0.0, 1e6]])
    )
    assert scale[1, 1] > 0.1


def test_what_is_absorbed_is_not_rounded() -> None:
    """1 + e⁻⁴⁰ is 1 in every dtype; a logarithm of it is no noise."""
    assert _written(lambda x: np.log(1.0 + np.exp(-40.0 * x))).error_scale(x=np.array([1.0]))[0] < UNIT_ROUNDOFF["float32"]
