"""The stacked autoencoder against the exact network, the complex step, and its published size."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest
from mpmath import mp

from conformance.tolerance import UNIT_ROUNDOFF
from reference import StackedAutoencoder
from tests.reference.agreement import budget_use
from tests.reference.exact import distance
from tests.reference.exact_network import DIGITS, bounds, exact_activations, exact_gradients, exact_loss, row_of

COMPLEX_STEP = 1e-30


class Configuration(NamedTuple):
    """A model and the size of its batch."""

    sizes: tuple[int, ...]
    activation: str
    output_activation: str
    loss: str
    batch: int

    def build(self) -> tuple[StackedAutoencoder, list, np.ndarray]:
        """The model with random weights and biases, its layers from the equations, and a batch."""
        model = StackedAutoencoder(self.sizes, self.activation, self.output_activation, self.loss, seed=1)
        rng = np.random.default_rng(len(self.sizes) + self.batch)
        model.import_weights({n: rng.normal(0.0, 0.7, np.shape(w)) for n, w in model.weights.items()})
        return model, row_of(self.sizes, self.activation, self.output_activation), rng.random((self.batch, self.sizes[0]))


SQUARES, ENTROPY = "mean_squared_error", "binary_cross_entropy"
CONFIGURATIONS = [
    Configuration((4, 3, 2), "relu", "sigmoid", SQUARES, 5),
    Configuration((4, 3, 2), "sigmoid", "sigmoid", ENTROPY, 3),
    Configuration((4, 3, 2), "tanh", "linear", SQUARES, 1),
    Configuration((5, 2), "relu", "sigmoid", ENTROPY, 1),
    Configuration((2, 5), "tanh", "sigmoid", ENTROPY, 3),  # overcomplete
    Configuration((3, 5, 4), "relu", "linear", SQUARES, 2),
    Configuration((1, 1), "sigmoid", "sigmoid", SQUARES, 2),
    Configuration((3, 1, 2), "linear", "linear", SQUARES, 4),
    Configuration((3, 2), "sigmoid", "tanh", SQUARES, 4),
    Configuration((3, 4, 2, 1), "tanh", "sigmoid", ENTROPY, 2),
]
every_configuration = pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda c: "-".join(map(str, c)))


@every_configuration
def test_activations_and_loss_are_exact(configuration):
    """Activations and the loss lie within the bounds of a running error analysis, and come in the order of computation."""
    model, row, inputs = configuration.build()
    with mp.workdps(DIGITS):
        exact, loss = exact_activations(row, model.weights, inputs), exact_loss(row, configuration.loss, model.weights, inputs)
    errors, _ = bounds(model, row, configuration.loss, inputs)
    actual = model.activations(inputs)
    assert list(actual) == [output for _, _, output in row[:-1]] + ["logits", "reconstruction"]
    assert all(budget_use(distance(actual[n], exact[n]), errors[n]) <= 1 for n in actual)
    terms = model.loss_terms(inputs)
    assert list(terms) == ["reconstruction", "total"]
    assert terms["total"] == terms["reconstruction"]
    allowed = errors["logits" if configuration.loss == ENTROPY else "reconstruction"]
    slope = 1 if configuration.loss == ENTROPY else 2 * np.abs(inputs - actual["reconstruction"])
    rounding = 10 * inputs.size * UNIT_ROUNDOFF["float64"] * (1 + np.abs(actual["logits"]).max()) ** 2
    assert abs(float(terms["total"] - loss)) <= np.mean(slope * allowed) + rounding


@pytest.mark.slow
@every_configuration
def test_gradients_are_exact(configuration, record_property):
    """The gradient of every parameter lies within the bound of a running error analysis of the exact difference quotient."""
    model, row, inputs = configuration.build()
    exact, actual = exact_gradients(row, configuration.loss, model.weights, inputs), model.gradients(inputs)
    allowed = bounds(model, row, configuration.loss, inputs)[1]
    assert list(actual)
    assert actual.keys() == model.weights.keys()
    use = max(budget_use(distance(actual[name], exact[name]), allowed[name]) for name in exact)
    record_property("widest", use)
    assert use <= 1


@every_configuration
def test_gradients_are_the_complex_step(configuration):
    """The gradient of every parameter is Im loss(w + ih)/h, within the bounds of both."""
    model, row, inputs = configuration.build()
    actual, allowed = model.gradients(inputs), bounds(model, row, configuration.loss, inputs)[1]
    weights = model.export_weights()
    for name, value in weights.items():
        for index in np.ndindex(value.shape):
            moved = value.astype(np.complex128)
            moved[index] += 1j * COMPLEX_STEP
            model.import_weights({**weights, name: moved})
            expected = model.loss_terms(inputs)["total"].imag / COMPLEX_STEP
            assert budget_use(abs(actual[name][index] - expected), 2 * allowed[name][index]) <= 1, (name, index)


@every_configuration
def test_bounds_are_tight(configuration):
    """No gradient that is wrong in the tenth digit would pass: the bounds are below 1e-11 of the parameter's largest gradient."""
    model, row, inputs = configuration.build()
    actual, allowed = model.gradients(inputs), bounds(model, row, configuration.loss, inputs)[1]
    assert all(np.all(allowed[name] <= 1e-11 * np.abs(g).max()) for name, g in actual.items() if g.any())
    assert sum(g.any() for g in actual.values()) > len(actual) / 2


def test_default_model_has_the_published_size():
    """784→100→30→100→784 has 163,814 parameters, under canonical names, weights as (in, out)."""
    model = StackedAutoencoder()
    assert model.parameter_count == 163_814
    assert list(model.parameter_shapes.items()) == [
        ("encoder.0.weight", (784, 100)),
        ("encoder.0.bias", (100,)),
        ("encoder.1.weight", (100, 30)),
        ("encoder.1.bias", (30,)),
        ("decoder.0.weight", (30, 100)),
        ("decoder.0.bias", (100,)),
        ("decoder.1.weight", (100, 784)),
        ("decoder.1.bias", (784,)),
    ]
    assert {n: w.shape for n, w in model.weights.items()} == model.parameter_shapes


@every_configuration
def test_parameter_count_is_the_sum_over_layers(configuration):
    """A mirrored network has Σ (2·in·out + in + out) parameters."""
    sizes = configuration.sizes
    expected = sum(2 * a * b + a + b for a, b in itertools.pairwise(sizes))
    assert configuration.build()[0].parameter_count == expected


def test_initial_weights_are_glorot_uniform():
    """Weights fill U(±√(6/(in+out))), biases are zero, and a seed gives the same weights again."""
    model = StackedAutoencoder(seed=3)
    for name, weight in model.weights.items():
        if name.endswith("bias"):
            assert not weight.any()
        else:
            limit = np.sqrt(6 / sum(weight.shape))
            assert np.abs(weight).max() <= limit
            assert np.abs(weight).max() > 0.99 * limit
            # Five standard errors of the mean of a uniform variable of variance limit²/3.
            assert abs(weight.mean()) <= 5 * limit / np.sqrt(3 * weight.size)
    again, other = StackedAutoencoder(seed=3), StackedAutoencoder(seed=4)
    assert all(np.array_equal(again.weights[n], w) for n, w in model.weights.items())
    assert not np.array_equal(other.weights["encoder.0.weight"], model.weights["encoder.0.weight"])


@every_configuration
def test_encoding_then_decoding_is_the_reconstruction(configuration):
    """decode(encode(x)) is the named reconstruction, coding and widths as configured."""
    model, _, inputs = configuration.build()
    codings, named = model.encode(inputs), model.activations(inputs)
    assert codings.shape == (configuration.batch, configuration.sizes[-1])
    assert np.array_equal(codings, named["coding"])
    assert np.array_equal(model.decode(codings), named["reconstruction"])


def test_rows_of_a_batch_do_not_meet():
    """Every sample is reconstructed as if it were alone, up to the order of a dot product."""
    model, row, inputs = CONFIGURATIONS[0].build()
    together, errors = model.activations(inputs)["reconstruction"], bounds(model, row, SQUARES, inputs)[0]["reconstruction"]
    alone = np.concatenate([model.activations(x[None])["reconstruction"] for x in inputs])
    assert budget_use(np.abs(together - alone), 2 * errors) <= 1
