"""Every number that says how close is close enough, with its derivation. No other file of the project holds a tolerance.

**The rule.** allowed = c · (u · error_scale + smallest normal number).

* u is the unit roundoff of the dtype: half the distance from 1 to the next number.
* error_scale comes from the specification: the sum of the magnitudes of the terms added, plus the conditioning Σ|∂f/∂x · x|.
  A backward-stable evaluation, whatever its order, errs by at most a small multiple of u times that.
* c = roundings + ⌈√n⌉. `roundings` counts the operations on the longest path from an input to the value, each good for at most
  a few u (exp and log of every framework err by less than 4 ulp), and is stated by the specification. √n is for the sum of n
  terms: with random signs the errors of n additions grow as √n, not n (Higham & Mary, SIAM J. Sci. Comput. 41 (2019) A2815).
* The smallest normal number covers results that underflow: frameworks may flush subnormal numbers to zero.

**Models and training steps** have no closed error scale. It is measured: the float64 reference is run again on inputs and weights
moved by ±η, and the spread divided by η is the scale. See `measured_scale`. That stands for the roundings inside, because what is moved
at the entrance moves all that follows, by as much as a rounding there would. It does not where a function saturates: tanh(8) hardly
moves when 8 does, its own rounding is all there is, and its slope 1 − tanh(8)² is made of nothing else. So in the same runs results of
saturating functions are moved by ±η themselves: random arithmetic (Parker 1997, Monte Carlo arithmetic; Vignes 2004, CESTAC) in the
places that moved inputs do not reach. See `reference.rounding`.

Random roundings differ from row to row, and those of a library may agree: where tanh(10) stands in every row, float32 stores 1 in every
row, and a gradient that is a sum of slopes is exactly zero. No random run shows that, since in some row some slope stays; and an
optimiser that divides by the size of the gradient makes a whole step of what stays and none of zero. So one run more has nothing moved,
and results of saturating functions as early at ±1 as a library may have them (`saturated`). All else in it is exact, so that nobody can
be asked to come nearer: its distance counts as a spread of the element. It does not enter the mean over the tensor, because the
elements beside it are as well determined as before.

**TF32** rounds the factors of matrix products to u = 2⁻¹¹ and nothing else. What a model is moved by at the entrance of its layers is such
a rounding of the factors, so that the measured scale holds for it with that u; a formula has no matrix products, and float32's budget.

**How the constants were chosen.** Differently written correct versions must stay below one budget and catalogued mistakes above
it; `conformance audit` runs both sides and prints the margins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # as the reference calls it, which is not there where exported programs are judged

UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11, "tf32": 2.0**-11}
SMALLEST_NORMAL = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-14, "tf32": 2.0**-126}
LARGEST = {
    "float64": (2 - 2.0**-52) * 2.0**1023,
    "float32": (2 - 2.0**-23) * 2.0**127,
    "bfloat16": (2 - 2.0**-7) * 2.0**127,
    "float16": 65504.0,
    "tf32": (2 - 2.0**-23) * 2.0**127,
}

# A precision in which products of matrices are computed, of numbers that are stored in another: the factors are rounded to 11
# significant bits, products and sums are those of float32 (NVIDIA A100 architecture whitepaper, 2020).
STORED_AS = {"tf32": "float32"}

# Whole numbers are equal or at least 1 apart.
ALLOWED_BETWEEN_WHOLE_NUMBERS = 0.5

# What is frozen stays bit-identical: the smallest number there is, so that any difference exceeds it.
ALLOWED_OF_FROZEN = 5e-324

# Perturbed runs per model case. With eight random signs the chance that an element's spread comes out below a tenth of its
# standard deviation in all of them is about 0.08⁸ < 2e-9.
PERTURBATIONS = 8

# A perturbation must be large against the rounding of the float64 run that it perturbs: 2⁻⁴⁴ leaves 9 bits.
LEAST_PERTURBATION = 2.0**-44

# A slope that jumps where numbers are moved by so much lies at a kink: no single gradient is right there. Far more than float32 rounds by,
# so that a branch which roundings decide is found.
KINK_MOVE = 2.0**-20
# Each stands for a move and its opposite, one of which leads over a kink that is near enough; no two elements are moved alike.
KINK_SEEDS = (0, 1)
# Where nothing jumps, a gradient moved by that lies as far off as its own scale says, give or take what curves; at a kink, by all of a
# jump, some 2²⁰ times as far. A jump of 2⁻¹² of the terms of a gradient counts.
KINK_RATIO, KINK_SHARE = 2.0**8, 2.0**-12
# Zeros are moved by that to see both sides of them; what is smooth there is moved by hardly more, and a slope that jumps jumps by more.
NEAR_ZERO, LEAST_JUMP = 2.0**-100, 2.0**-60

# A scale that is measured so is, in the median over elements, as large as one derived by hand, give or take what either leaves out: hand-made
# ones add what random signs never add up at once, and measured ones move what is exact.
HAND_MADE_OVER_MEASURED = (0.3, 4.0)

# How far numbers are moved, relatively, for the difference that a derived gradient is held to once: between the error of the formula
# (step²) and that of roundings (u / step). What is not recorded is off by whole terms, so that a thousandth of them is unmistakable.
DIFFERENCE_STEP, SLOPE_SHARE = 2.0**-18, 1e-3

# So many units below 1 a library's function may say 1 already, of all rows alike: TensorFlow's tanh does from 7.91 on in float32 and from
# 17.71 on in float64, 4.6 and 7.4 units below.
SATURATED_WITHIN = 8

# Roundings on the path through one dense layer and back: product, sum (its √n is measured by the spread), bias, activation, slope.
ROUNDINGS_PER_LAYER = 6

# A step of training: forward through a few layers, back, and the optimiser.
ROUNDINGS_PER_STEP = 100

# How likely it may be that a right package fails one comparison of what it draws at random: a specification makes some dozens.
FALSE_ALARM = 1e-11


# A mistake is recognised by its numbers, but it may be written in less stable ways than the one in the catalogue. Mistakes lie hundreds
# of budgets apart from what is right and from each other (`conformance audit`), so that sixteen are still unmistakable.
EXPLANATION_ROOM = 16

# Ratios of actual to expected that agree to one part in a thousand are called constant: they describe, they decide nothing.
RATIO_SPREAD = 1e-3

# What a run used of a budget is recorded rounded up to a multiple of this, and may grow by one more. Processors that both compute rightly
# round differently: one rounding of the largest term is 1/c of a budget, and c is 5 to 10 for formulas. So more than an eighth is always
# allowed, as much as a rounding or two, and never more than a quarter, which no change of a formula or of its order stays below for long.
RATCHET_STEP = 0.125


def recorded_use(used: float) -> float:
    """What is recorded of a budget of which so much was used."""
    return math.ceil(used / RATCHET_STEP) * RATCHET_STEP


def has_grown(used: float, recorded: float) -> bool:
    """Whether more is used than another processor may use of what was recorded."""
    return not used <= recorded + RATCHET_STEP


def ulps_between(actual: object, expected: object, dtype: str) -> float | None:
    """How far a number is off, in units of the last place that `expected` has in the dtype; None if that is no number of such units."""
    if not (isinstance(actual, float) and isinstance(expected, float)) or dtype not in UNIT_ROUNDOFF or expected == 0:
        return None
    stored = stored_as(dtype)
    _, exponent = math.frexp(max(abs(expected), SMALLEST_NORMAL[stored]))
    return abs(actual - expected) / math.ldexp(UNIT_ROUNDOFF[stored], exponent)


def stored_as(dtype: str) -> str:
    """The dtype of the numbers that are handed over and come back, where they are computed in `dtype`."""
    return STORED_AS.get(dtype, dtype)


def allowed_error(scale: Array | float, dtype: str, roundings: int, length: int) -> Array:
    """The largest |actual − expected| that counts as agreement.

    Args:
        scale: error scale of every element.
        dtype: in which the implementation computes.
        roundings: on the longest path from an input to the value.
        length: number of terms of the longest sum.
    """
    c = roundings + math.ceil(math.sqrt(length))
    return c * (UNIT_ROUNDOFF[dtype] * np.asarray(scale) + SMALLEST_NORMAL[dtype])


def accepted_error(stable: Array, scale: Array | float, dtype: str, roundings: int, length: int, given: Array) -> Array:
    """The largest |actual − expected| of a literal form: the wider of its own budget and the stable form's.

    Where the literal form itself has `given` no finite number it is no way to the value, and the stable budget stands alone.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        own = allowed_error(scale, dtype, roundings, length)
        return np.where(np.isfinite(given), np.fmax(stable, own), stable)


def at_the_limits(
    used: Array, value: Array, actual: Array, infinite: Array | None, lost: Array | None, comparable: Array | None
) -> Array:
    """The fraction used of a budget, where infinity, NaN or elements without a single right value are involved.

    NaN answers NaN and infinity the same infinity. An infinity of the value's sign is as right where it may be `infinite`, and whatever
    is not finite where the value is `lost`; what is not `comparable` has only to be finite. None stands for none, of the last for all.
    """
    same_infinity = np.isinf(actual) & (np.sign(actual) == np.sign(value))
    used = np.where(same_infinity & (np.isinf(value) if infinite is None else infinite | np.isinf(value)), 0.0, used)
    used = np.where(np.isnan(value) & np.isnan(actual), 0.0, used)
    if lost is not None:
        used = np.where(lost & ~np.isfinite(actual), 0.0, used)
    if comparable is not None:
        used = np.where(comparable, used, np.where(np.isfinite(actual), 0.0, math.inf))
    return np.where(np.isnan(used), math.inf, used)


def may_overflow(scale: Array | float, dtype: str, length: int) -> Array:
    """Where a sum of `length` terms may pass the largest number before it is averaged, so that infinity is as right as the value."""
    return np.asarray(scale) >= LARGEST[dtype] / length


def perturbation(dtype: str) -> float:
    """η: how far inputs and weights are moved, relatively, to measure the conditioning of a model."""
    return max(UNIT_ROUNDOFF[dtype], LEAST_PERTURBATION)


def measured_scale(expected: Array, perturbed: Sequence[Array], dtype: str, early: Array | None = None) -> Array:
    """Error scale of a model's output from perturbed runs of the reference, and from the run that saturates `early`.

    The largest spread of the element, plus the root mean square of the perturbed runs over its tensor (so that an element which was
    lucky in every run is not held to nothing), plus the magnitude of the value itself, which is rounded when it is stored.
    """
    spread = np.abs(np.stack(perturbed) - expected) / perturbation(dtype)
    largest = spread.max(axis=0)
    if early is not None:
        with np.errstate(invalid="ignore"):
            distance = np.abs(early - expected) / UNIT_ROUNDOFF[dtype]
        largest = np.where(np.isfinite(distance), np.fmax(largest, distance), largest)
    return largest + math.sqrt(float(np.mean(spread**2))) + np.abs(expected)


def random_scale(expected: Array, moved: Sequence[Array], eta: float) -> Array:
    """Error scale of a formula's value or gradient from runs in which every result was moved by ±η: the largest spread of the element.

    And the magnitude of the value itself, which is rounded when it is stored. No mean over the tensor: elements beside it may be larger
    by any factor. Infinite where a run has no finite number and the formula has one: a rounding decides whether there is an answer.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        spread = np.abs(np.stack(moved) - expected).max(axis=0) / eta
        return np.where(np.isfinite(expected), np.where(np.isnan(spread), np.inf, spread) + np.abs(expected), 0.0)


def at_a_kink(gradient: Array, moved: Sequence[Array], scale: Array) -> Array:
    """Where a gradient jumps: runs in which everything was moved by ±KINK_MOVE lie farther off than its scale explains.

    Or its scale is that of a jump already, because the least move leads to either side.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        jump = np.abs(np.stack(moved) - gradient).max(axis=0)
        torn = LEAST_PERTURBATION * scale > KINK_SHARE * np.abs(np.stack([gradient, *moved])).max(axis=0)
        return torn | ~(jump <= KINK_RATIO * KINK_MOVE * scale + LEAST_JUMP)


def slopes_agree(difference: float, terms: Array, noise: float) -> bool:
    """Whether a central difference along a direction is the sum of the terms of the gradient along it; `noise` is the error scale."""
    allowed = SLOPE_SHARE * float(np.sum(np.abs(terms))) + EXPLANATION_ROOM * UNIT_ROUNDOFF["float64"] * noise / DIFFERENCE_STEP
    return not math.isfinite(difference) or abs(difference - float(np.sum(terms))) <= allowed


def answer_is_known(value: Array, expected: Array, scale: Array, roundings: int, length: int) -> bool:
    """Whether a value is a published one, which is printed with the digits of float32 or a few less."""
    if np.shape(value) != np.shape(expected):
        return False
    return bool(np.all(np.abs(value - expected) <= EXPLANATION_ROOM * allowed_error(scale, "float32", roundings, length)))


def saturated(results: Array, dtype: str) -> Array:
    """Results of a function with values in [−1, 1]: ±1 where a library may say so.

    In 16 bits it computes in float32, and rounds what it has to the nearest.
    """
    finer = min(UNIT_ROUNDOFF[dtype], UNIT_ROUNDOFF["float32"])
    within = max(SATURATED_WITHIN * finer, UNIT_ROUNDOFF[dtype] / 2)
    return np.where(1.0 - np.abs(results) <= within, np.sign(results), results)


def overflowed(numbers: Array, dtype: str) -> Array:
    """The numbers, infinite where the dtype holds none so large."""
    return np.where(np.abs(numbers) > LARGEST[dtype], np.copysign(np.inf, numbers), numbers)


def round_to(values: Array | float, dtype: str) -> Array:
    """The nearest numbers of `dtype`, ties to even, as float64, so that every target is given exactly what the reference is given."""
    values = np.asarray(values, dtype=np.float64)
    if dtype == "float64":
        return values
    with np.errstate(over="ignore"):
        if dtype != "bfloat16":
            return values.astype(stored_as(dtype)).astype(np.float64)
    # NumPy has no bfloat16: 8 significant bits, fewer below the smallest normal number. Rounding by way of float32 would round twice.
    _, exponent = np.frexp(values)
    step = np.ldexp(1.0, np.maximum(exponent, -125) - 8)
    rounded = np.where(np.isfinite(values), np.rint(values / step) * step, values)
    return np.where(np.abs(rounded) > LARGEST[dtype], np.copysign(np.inf, values), rounded)


def round_into(values: Array, low: float, high: float, dtype: str) -> Array:
    """The nearest numbers of `dtype` inside [low, high]: an end that is no number of the dtype is rounded inwards."""
    dtype, ends = stored_as(dtype), []
    for end, inwards in ((max(low, -LARGEST[dtype]), 1.0), (min(high, LARGEST[dtype]), -1.0)):
        nearest = float(round_to(end, dtype))
        if (nearest - end) * inwards < 0:
            # More than half the distance to the next number, less than one and a half, below the smallest normal number too.
            nearest = float(round_to(end + inwards * UNIT_ROUNDOFF[dtype] * max(abs(end), 1.5 * SMALLEST_NORMAL[dtype]), dtype))
        ends.append(nearest)
    return np.minimum(np.maximum(round_to(np.minimum(np.maximum(values, low), high), dtype), ends[0]), ends[1])


def explained_error(allowed: Array, predicted: Array, dtype: str) -> Array:
    """How far an answer may be from what a known mistake predicts: room times the budget, and times the rounding of the prediction.

    Where the prediction has another shape than what is right, every element has the largest budget.
    """
    allowed = np.asarray(allowed)
    if np.broadcast_shapes(allowed.shape, predicted.shape) != predicted.shape:
        allowed = allowed.max()
    return EXPLANATION_ROOM * (allowed + UNIT_ROUNDOFF[dtype] * np.abs(predicted))


def steps_agree(actual: Array, expected: Array, dtype: str, steps: int) -> bool:
    """Whether two ways of the same training steps agree: one may be traced, and add in another order.

    A step goes through a few layers and back and through an optimiser, some hundred roundings, which the next step carries on.
    """
    scale = np.max(np.abs(expected), initial=0.0)
    allowed = EXPLANATION_ROOM * ROUNDINGS_PER_STEP * steps * (UNIT_ROUNDOFF[dtype] * scale + SMALLEST_NORMAL[dtype])
    return actual.shape == expected.shape and bool(np.all(np.abs(actual.astype(np.float64) - expected) <= allowed))


def samples_agree(sample: Array, other: Array) -> bool:
    """Whether two samples may come from one distribution: sup |F_n − G_m| stays below the two bounds √(ln(2/α) / 2n) together.

    Either is passed with probability at most α (Dvoretzky, Kiefer, Wolfowitz, Massart).
    """
    slack = RATIO_SPREAD * np.max(np.abs(other), initial=0.0)  # the same number may be rounded to either side
    bound = sum(math.sqrt(math.log(2 / FALSE_ALARM) / (2 * part.size)) for part in (sample, other))
    return all(
        bool(np.all(_share_below(there, here + slack) >= _share_below(here, here) - bound))
        for here, there in ((sample, other), (other, sample))
    )


def _share_below(sample: Array, places: Array) -> Array:
    return np.searchsorted(np.sort(sample), places, side="right") / sample.size


def is_lost_digits(actual: Array, expected: Array) -> bool:
    """Whether all elements are within a hundredth of the largest: nearly right, so described as lost digits."""
    return bool(np.all(np.abs(actual - expected) <= 1e-2 * np.max(np.abs(expected), initial=0.0)))
