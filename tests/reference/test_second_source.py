"""The reference against a second independent source each: scipy.special, quadrature, exact fractions, decimal arithmetic.

Both sides round, so both are given a budget.
"""

from __future__ import annotations

import decimal
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, special

from conformance.tolerance import SMALLEST_NORMAL, allowed_error
from reference import binary_cross_entropy, kl_sparsity_loss, l1_activity_loss, mean_squared_error, reparameterize, vae_kl_loss
from reference.specification import catalogue
from tests.reference.agreement import allowed_gradient, allowed_value, budget_use, comparable_parts, worst_of, worst_over
from tests.reference.points import cotangent_for, points

fractions = np.frompyfunc(Fraction, 1, 1)
BOTH_SIDES = 2


def reduced(elements, reduction):
    """The reconstruction reductions, by loops."""
    rows = np.array([sum(row) for row in elements], dtype=elements.dtype)
    return {"none": rows, "sum": sum(rows) / len(rows), "mean": sum(rows) / elements.size}[reduction]


def assert_within(name, second_source, exact=False):
    """Every value lies within the budgets of both sides, or within one where the second source is exact."""
    spec = catalogue()[name]

    def use_at(_, inputs):
        actual, expected = spec.evaluate(**inputs), second_source(**inputs)
        difference = fractions(actual) - expected if exact else actual - expected
        error = np.asarray(abs(difference), dtype=np.float64)
        return budget_use(error, (1 if exact else BOTH_SIDES) * allowed_value(spec, inputs))

    worst = worst_over(points(name), use_at)
    assert worst.use <= 1, str(worst)


@pytest.mark.parametrize("divergence", [special.rel_entr, special.kl_div], ids=["rel_entr", "kl_div"])
def test_kl_sparsity_is_the_relative_entropy_of_scipy(divergence):
    """weight · Σ rel_entr, and Σ kl_div whose linear terms cancel, give the sparsity penalty."""

    def second_source(activations, target, weight, epsilon):
        q = np.clip([math.fsum(column) / len(column) for column in activations.T], epsilon, 1 - epsilon)
        return weight * (divergence(target, q) + divergence(1 - target, 1 - q)).sum()

    assert_within("kl_sparsity_loss", second_source)


def test_l1_is_the_exact_sum_of_magnitudes():
    """In exact fractions, weight · Σ|a| / B."""
    assert_within(
        "l1_activity_loss",
        lambda activations, weight: Fraction(weight) * np.abs(fractions(activations)).sum() / len(activations),
        exact=True,
    )


def test_l1_gradient_is_the_exact_difference_quotient():
    """Between kinks the penalty is linear, so an exact difference quotient is its slope."""
    spec = catalogue()["l1_activity_loss"]

    def use_at(number, inputs):
        a, weight = fractions(inputs["activations"]), Fraction(inputs["weight"])
        cotangent = cotangent_for(1.0, number)
        slope = np.frompyfunc(lambda x: (abs(x + abs(x) / 2) - abs(x - abs(x) / 2)) / abs(x) if x else Fraction(0), 1, 1)(a)
        exact = Fraction(float(cotangent)) * weight * slope / len(a)
        error = np.abs(fractions(spec.vjp(cotangent, **inputs)["activations"]) - exact).astype(float)
        inside = comparable_parts(spec, inputs)["activations"]
        return budget_use(error[inside], allowed_gradient(spec, cotangent, inputs)["activations"][inside])

    worst = worst_over(points("l1_activity_loss"), use_at)
    assert worst.use <= 1, str(worst)


def test_squared_error_is_the_exact_sum_of_squares():
    """In exact fractions, the reduced squares of the differences."""
    assert_within(
        "mean_squared_error",
        lambda inputs, reconstructions, reduction: reduced((fractions(inputs) - fractions(reconstructions)) ** 2, reduction),
        exact=True,
    )


def test_squared_error_gradient_is_the_exact_central_difference():
    """A central difference of a quadratic is its slope, whatever the step."""
    spec, step = catalogue()["mean_squared_error"], Fraction(1, 3)

    def use_at(number, inputs):
        x, r = fractions(inputs["inputs"]), fractions(inputs["reconstructions"])
        cotangent = cotangent_for(spec.evaluate(**inputs), number)
        slope = ((r + step - x) ** 2 - (r - step - x) ** 2) / (2 * step)
        weights = fractions(cotangent).reshape(-1, 1) if cotangent.ndim else Fraction(float(cotangent))
        share = weights / {"none": 1, "sum": len(x), "mean": x.size}[inputs["reduction"]]
        actual, allowed = spec.vjp(cotangent, **inputs), allowed_gradient(spec, cotangent, inputs)
        return max(
            budget_use(np.abs(fractions(actual[name]) - sign * share * slope).astype(float), allowed[name])
            for name, sign in (("inputs", -1), ("reconstructions", 1))
        )

    worst = worst_over(points("mean_squared_error"), use_at)
    assert worst.use <= 1, str(worst)


def test_gaussian_divergence_is_scipys_exprel_form():
    """½ Σ (μ² + γ (exprel γ − 1)), with exprel γ = (e^γ − 1)/γ, gives the divergence."""

    def second_source(mean, log_var, reduction):
        rows = 0.5 * (mean**2 + log_var * (special.exprel(log_var) - 1)).sum(axis=1)
        return {"none": rows, "sum": rows.sum(), "mean": rows.mean()}[reduction]

    assert_within("vae_kl_loss", second_source)


def test_gaussian_divergence_is_its_integral():
    """∫ N(x; μ, σ²) [ln N(x; μ, σ²) − ln N(x; 0, 1)] dx is the divergence, to the accuracy that the quadrature reports."""
    spec = catalogue()["vae_kl_loss"]

    def integrand(t, mean, deviation, log_var):
        density = math.exp(-0.5 * t * t) / math.sqrt(2 * math.pi)
        return density * (0.5 * (mean + deviation * t) ** 2 - 0.5 * t * t - 0.5 * log_var)

    options = {"epsrel": 1e-12, "points": [0], "limit": 200}

    def use_at(_, pair):
        inputs = {"mean": np.full((1, 1), pair[0]), "log_var": np.full((1, 1), pair[1])}
        # The terms of the integrand cancel, and each is rounded: ½ (μ² + σ² + 1 + |γ|) is the integral of their magnitudes.
        magnitude = 0.5 * (pair[0] ** 2 + math.exp(pair[1]) + 1 + abs(pair[1]))
        arguments = (pair[0], math.exp(pair[1] / 2), pair[1])
        value, reported = integrate.quad(integrand, -39, 39, args=arguments, epsabs=1e-13 * magnitude, **options)
        allowed = reported + allowed_value(spec, inputs) + allowed_error(magnitude, "float64", spec.roundings, 1)
        return budget_use(abs(vae_kl_loss(**inputs) - value), allowed)

    worst = worst_over(itertools.product((-3.0, -0.5, 0.0, 1e-4, 2.0, 30.0), np.linspace(-30, 30, 85)), use_at)
    assert worst.use <= 1, str(worst)


def test_sample_is_the_decimal_one():
    """μ + e^(γ/2) · ε in decimal arithmetic with 50 digits."""
    spec, context, decimals = catalogue()["reparameterize"], decimal.Context(prec=50), np.frompyfunc(decimal.Decimal, 1, 1)

    def exact(mean, log_var, noise):
        deviation = np.frompyfunc(lambda g: context.divide(g, decimal.Decimal(2)).exp(context), 1, 1)(decimals(log_var))
        return np.frompyfunc(context.fma, 3, 1)(deviation, decimals(noise), decimals(mean))

    difference = np.frompyfunc(lambda a, e: float(abs(context.subtract(decimal.Decimal(a), e))), 2, 1)

    def use_at(_, inputs):
        return budget_use(difference(reparameterize(**inputs), exact(**inputs)), allowed_value(spec, inputs))

    worst = worst_over(points("reparameterize"), use_at)
    assert worst.use <= 1, str(worst)


def test_cross_entropy_is_that_of_scipys_log_expit():
    """−t log_expit(z) − (1−t) log_expit(−z) gives the cross-entropy."""
    assert_within(
        "binary_cross_entropy",
        lambda targets, logits, reduction: reduced(
            -targets * special.log_expit(logits) - (1 - targets) * special.log_expit(-logits), reduction
        ),
    )


def test_cross_entropy_from_probabilities_where_they_have_digits():
    """−xlogy(t, σ(z)) − xlog1py(1−t, −σ(z)) gives the cross-entropy while 1 − σ(z) keeps its digits."""
    spec = catalogue()["binary_cross_entropy"]
    rng = np.random.default_rng(0)

    def use_at(_, number):
        reduction = ("mean", "sum", "none")[number % 3]
        inputs = {"targets": rng.random((3, 2)), "logits": rng.uniform(-30.0, 0.0, (3, 2)), "reduction": reduction}
        q = special.expit(inputs["logits"])
        elements = -special.xlogy(inputs["targets"], q) - special.xlog1py(1 - inputs["targets"], -q)
        error = np.abs(spec.evaluate(**inputs) - reduced(elements, inputs["reduction"]))
        return budget_use(error, BOTH_SIDES * allowed_value(spec, inputs))

    worst = worst_over(range(510), use_at)
    assert worst.use <= 1, str(worst)


COMPLEX_STEP = 1e-30


# What the value adds up in its imaginary part and the closed gradient does not: e^γ − 1, and softplus(−z) − softplus(z).
TERMS_OF_THE_STEP = {
    ("vae_kl_loss", "log_var"): lambda inputs: np.exp(inputs["log_var"]) + 1,
    ("binary_cross_entropy", "targets"): lambda inputs: np.abs(inputs["logits"]) + 2 * math.log(2),
}


def allowed_of_the_step(spec, name, inputs, cotangent):
    """What the complex step itself may err: its terms cancel, and Im f underflows sooner by the size of the step."""
    terms = TERMS_OF_THE_STEP.get((spec.name, name), lambda _: 0.0)(inputs) * np.abs(cotangent).max()
    allowed = allowed_error(terms, "float64", spec.roundings, 1) + SMALLEST_NORMAL["float64"] / COMPLEX_STEP
    return np.broadcast_to(allowed, np.shape(inputs[name]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "evaluate", [kl_sparsity_loss, vae_kl_loss, reparameterize, mean_squared_error, binary_cross_entropy], ids=lambda f: f.__name__
)
def test_gradient_is_the_complex_step_of_the_value(evaluate):
    """Im f(x + ih)/h has no cancellation, so it is the derivative of the value, to rounding."""
    spec = catalogue()[evaluate.__name__]

    def use_at(number, inputs):
        cotangent = cotangent_for(evaluate(**inputs), number)
        actual, allowed = spec.vjp(cotangent, **inputs), allowed_gradient(spec, cotangent, inputs)
        masks = comparable_parts(spec, inputs)
        uses = []
        for name, index in ((n, i) for n in actual for i in np.ndindex(np.shape(inputs[n]))):
            moved = np.array(inputs[name], dtype=np.complex128)
            moved[index] += 1j * COMPLEX_STEP
            expected = np.sum(cotangent * evaluate(**{**inputs, name: moved}).imag) / COMPLEX_STEP
            if name not in masks or masks[name][index]:
                room = BOTH_SIDES * allowed[name][index] + allowed_of_the_step(spec, name, inputs, cotangent)[index]
                uses.append((budget_use(abs(actual[name][index] - expected), room), (name, index)))
        return worst_of(uses).use if uses else 0.0

    worst = worst_over(points(evaluate.__name__), use_at)
    assert worst.use <= 1, str(worst)


def test_l1_of_one_sample_is_the_norm():
    """For one sample and weight 1 the penalty is the 1-norm of numpy.linalg."""
    sample = np.array([[3.0, -4.0, 0.5]])
    assert l1_activity_loss(sample, weight=1.0) == np.linalg.norm(sample[0], 1)
