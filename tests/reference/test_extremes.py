"""What the formulas do at the ends of floating point: overflow is infinity, saturation is finite, and nothing is NaN."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from conformance.tolerance import allowed_error
from reference import binary_cross_entropy, kl_sparsity_loss, l1_activity_loss, reparameterize, vae_kl_loss
from reference.specification import catalogue
from tests.reference.agreement import allowed_value, budget_use
from tests.reference.exact import distance, value_of
from tests.reference.points import FORMULAS, points


@pytest.mark.parametrize("log_var", [709.9, 720.0, 1e3, 1e300])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_divergence_overflows_to_infinity(log_var, reduction):
    """Where e^γ overflows the divergence is +∞, never NaN, and other samples are untouched."""
    mean, log_vars = np.array([[1.0, -2.0, 0.5], [1.0, 0.0, 0.0]]), np.array([[0.0, log_var, -3.0], [0.0, 0.0, 0.0]])
    value = vae_kl_loss(mean, log_vars, reduction)
    assert np.isposinf(value if reduction != "none" else value[0])
    assert reduction != "none" or value[1] == 0.5


def test_sample_overflows_with_the_sign_of_the_noise():
    """Where e^(γ/2) overflows the sample is ±∞ by the sign of the noise."""
    sample = reparameterize(np.zeros((1, 2)), np.full((1, 2), 1500.0), np.array([[2.0, -2.0]]))
    assert sample.tolist() == [[np.inf, -np.inf]]


@pytest.mark.parametrize("mean_activity", [0.0, 1.0])
@pytest.mark.parametrize("wanted", [0.05, 0.5, 0.9])
def test_dead_and_saturated_units_cost_a_finite_amount(mean_activity, wanted):
    """At p̂ = 0 and p̂ = 1 the clip makes the value that of ε and 1 − ε, and the gradient finite."""
    epsilon = 1e-7
    activations = np.full((3, 2), mean_activity)
    clipped = np.full((3, 2), abs(mean_activity - epsilon))
    spec = catalogue()["kl_sparsity_loss"]
    value, expected = kl_sparsity_loss(activations, wanted), kl_sparsity_loss(clipped, wanted)
    assert budget_use(abs(value - expected), 2 * allowed_value(spec, {"activations": clipped, "target": wanted})) <= 1
    assert np.isfinite(spec.vjp(np.float64(1.0), activations, wanted)["activations"]).all()


@pytest.mark.parametrize("wanted", [1e-6, 0.05, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("distance_from_target", [2.0**-k for k in range(4, 50, 3)] + [-(2.0**-k) for k in range(4, 50, 3)])
def test_divergence_near_the_target_errs_less_the_nearer(wanted, distance_from_target):
    """For p̂ = p (1 + δ) the reference errs by a few u·|p̂ − p|, not by a few u: the naive form does not do this."""
    inputs = {"activations": np.array([[wanted * (1 + distance_from_target)]]), "target": wanted, "weight": 1.0}
    moved = abs(inputs["activations"].item() - wanted)
    error = distance(kl_sparsity_loss(**inputs), value_of("kl_sparsity_loss", inputs))
    assert budget_use(error, allowed_error(2 * moved, "float64", 8, 1)) <= 1


@pytest.mark.parametrize("logit", [800.0, 1e5, 1e300, -800.0, -1e300])
def test_cross_entropy_of_every_finite_logit_is_finite(logit):
    """A confident right answer costs nothing and a confident wrong one |z|."""
    right, wrong = np.array([[float(logit > 0)]]), np.array([[float(logit < 0)]])
    assert binary_cross_entropy(right, np.array([[logit]])) == 0.0
    assert binary_cross_entropy(wrong, np.array([[logit]])) == abs(logit)


def test_weight_zero_switches_a_penalty_off():
    """A weight of zero gives exactly zero."""
    activations = np.random.default_rng(0).random((3, 2))
    assert kl_sparsity_loss(activations, weight=0.0) == 0.0
    assert l1_activity_loss(activations, weight=0.0) == 0.0


@pytest.mark.parametrize("name", FORMULAS)
def test_evaluation_is_silent_pure_and_in_double_precision(name):
    """No point warns, changes its inputs, or answers in another type; the same call answers the same again."""
    spec = catalogue()[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for inputs in points(name, 200):
            before = {k: np.copy(v) for k, v in inputs.items()}
            value = spec.evaluate(**inputs)
            gradients = spec.vjp(np.ones(np.shape(value)), **inputs)
            assert value.dtype == np.float64
            assert all(g.dtype == np.float64 for g in gradients.values())
            assert all(np.shape(g) == np.shape(inputs[k]) for k, g in gradients.items())
            assert all(np.array_equal(v, before[k]) for k, v in inputs.items())
            assert np.array_equal(value, spec.evaluate(**inputs))


@pytest.mark.parametrize("name", FORMULAS)
def test_single_precision_inputs_are_computed_in_double(name):
    """float32 arrays give the answer of the same numbers in float64: no digit is lost inside the reference."""
    spec = catalogue()[name]
    for inputs in points(name, 100):
        single = {k: v.astype(np.float32) if isinstance(v, np.ndarray) else v for k, v in inputs.items()}
        double = {k: v.astype(np.float64) if isinstance(v, np.ndarray) else v for k, v in single.items()}
        assert np.array_equal(spec.evaluate(**single), spec.evaluate(**double))


@pytest.mark.parametrize("name", FORMULAS)
def test_lists_are_read_as_arrays(name):
    """Nested lists are arrays."""
    spec = catalogue()[name]
    for inputs in points(name, 20):
        listed = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in inputs.items()}
        assert np.array_equal(spec.evaluate(**listed), spec.evaluate(**inputs))
