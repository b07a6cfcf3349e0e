"""The multilayer perceptron against independent sources: scikit-learn's forward pass, the complex step, and answers by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from conformance.tolerance import ROUNDINGS_PER_LAYER, allowed_error
from reference import MultilayerPerceptron
from tests.reference.agreement import budget_use
from tests.reference.complex_step import derivatives, measured_use

OUTPUTS = ("linear", "sigmoid", "softmax")
ACTIVATIONS = ("relu", "sigmoid", "tanh", "linear")
SHAPES = [((4, 3), 5), ((4, 3, 2), 5), ((3, 5, 4, 3), 2), ((2, 3, 1), 1)]
OF_SKLEARN = {"sigmoid": "logistic", "linear": "identity"}
OUTPUT_OF_SKLEARN = {"softmax": "softmax", "sigmoid": "logistic", "linear": "identity"}
LOSS_NAMES = {"linear": "mean_squared_error", "sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}


def built(sizes: tuple[int, ...], activation: str, output: str, seed: int = 0) -> MultilayerPerceptron:
    """A network with random weights and biases."""
    rng, model = np.random.default_rng(seed), MultilayerPerceptron(sizes, activation, output)
    model.import_weights({name: rng.normal(0.0, 0.7, shape) for name, shape in model.parameter_shapes.items()})
    return model


def batch_for(model: MultilayerPerceptron, samples: int) -> dict[str, np.ndarray]:
    """A random batch, of other numbers than the model's."""
    rng, outputs = np.random.default_rng(1), (samples, model.sizes[-1])
    labels = {
        "linear": rng.normal(size=outputs),
        "sigmoid": rng.integers(0, 2, outputs) * 1.0,
        "softmax": rng.integers(0, model.sizes[-1], (samples, 1)),
    }
    return {"inputs": rng.uniform(size=(samples, model.sizes[0])), "labels": labels[model.output]}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("sizes", "samples"), SHAPES)
def test_gradients_are_the_complex_step(sizes: tuple[int, ...], samples: int, activation: str, output: str) -> None:
    """Back-propagation gives the derivatives of the total by every parameter."""
    model = built(sizes, activation, output)
    batch, weights = batch_for(model, samples), model.export_weights()

    def with_weights(values: dict[str, np.ndarray], method: str) -> dict[str, np.ndarray]:
        model.weights = values
        return getattr(model, method)(**batch)

    expected = derivatives(lambda values: with_weights(values, "loss_terms")["total"], weights)
    roundings = ROUNDINGS_PER_LAYER * (4 + 4 * max(sizes))
    assert measured_use(lambda values: with_weights(values, "gradients"), weights, expected, roundings, 16) <= 1


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (4, 6, 5, 3)])
def test_the_forward_pass_is_scikit_learns(sizes: tuple[int, ...], activation: str, output: str) -> None:
    """Every output is that of scikit-learn's network with the same weights."""
    model = built(sizes, activation, output)
    inputs = batch_for(model, 7)["inputs"]
    theirs = MLPRegressor(hidden_layer_sizes=sizes[1:-1], activation=OF_SKLEARN.get(activation, activation))
    theirs.n_layers_, theirs.out_activation_, theirs.n_outputs_ = len(sizes), OUTPUT_OF_SKLEARN[output], sizes[-1]
    theirs.coefs_ = [model.weights[f"layer.{i}.weight"] for i in range(len(sizes) - 1)]
    theirs.intercepts_ = [model.weights[f"layer.{i}.bias"] for i in range(len(sizes) - 1)]
    expected = theirs.predict(inputs)
    magnitude = np.maximum(np.abs(expected), np.abs(model.activations(inputs)["logits"]) + 1.0)
    budget = allowed_error(10 * magnitude, "float64", ROUNDINGS_PER_LAYER * len(sizes), max(sizes))
    assert budget_use(np.abs(model.predict(inputs) - expected), budget) <= 1


def test_a_fitted_network_of_scikit_learn_is_reproduced() -> None:
    """The probabilities of an MLPClassifier that scikit-learn has trained itself."""
    rng = np.random.default_rng(3)
    inputs, labels = rng.uniform(size=(60, 4)), np.arange(60) % 3
    theirs = MLPClassifier((6,), max_iter=5, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        theirs.fit(inputs, labels)
    model = MultilayerPerceptron((4, 6, 3))
    parts = (("weight", theirs.coefs_), ("bias", theirs.intercepts_))
    model.import_weights({f"layer.{i}.{kind}": values[i] for i in range(2) for kind, values in parts})
    probabilities = theirs.predict_proba(inputs)
    magnitude = np.abs(model.activations(inputs)["logits"]) + 1.0
    budget = allowed_error(10 * magnitude, "float64", ROUNDINGS_PER_LAYER * 2, 6)
    assert budget_use(np.abs(model.predict(inputs) - probabilities), budget) <= 1


@pytest.mark.parametrize("output", OUTPUTS)
def test_terms_and_names(output: str) -> None:
    """The loss stands under its own name and once more as the total; layers are named from below."""
    model = built((4, 5, 3), "tanh", output)
    batch = batch_for(model, 6)
    assert list(model.activations(**batch)) == ["layer.0", "logits", "output"]
    assert list(model.inference(**batch)) == ["output"]
    terms = model.loss_terms(**batch)
    assert list(terms) == [LOSS_NAMES[output], "total"]
    assert terms["total"] == terms[LOSS_NAMES[output]]


@pytest.mark.parametrize(
    ("output", "labels", "loss"),
    [
        ("linear", [[1.0, -2.0], [0.0, 0.0]], 2.5),
        ("sigmoid", [[1.0, 0.0], [1.0, 1.0]], 2 * np.log(2.0)),
        ("softmax", [[1], [0]], np.log(2.0)),
    ],
)
def test_losses_by_hand(output: str, labels: list, loss: float) -> None:
    """Without weights every logit is 0: the sum over the outputs, averaged over the batch."""
    model = MultilayerPerceptron((3, 2), output=output)
    model.import_weights({name: np.zeros(shape) for name, shape in model.parameter_shapes.items()})
    total = model.loss_terms(np.ones((2, 3)), np.array(labels))["total"]
    assert budget_use(abs(total - loss), allowed_error(loss, "float64", 1, 1)) <= 1


@pytest.mark.parametrize(
    ("options", "labels", "error", "message"),
    [
        ({"output": "softmax"}, [[0], [2], [1]], ValueError, "labels: expected numbers from 0 to 1, got 2"),
        ({"output": "softmax"}, [[0.0], [1.0], [1.0]], TypeError, "labels: expected whole numbers"),
        ({"output": "softmax"}, [[0], [1]], ValueError, "labels: expected shape (3, 1), got (2, 1)"),
        ({"output": "sigmoid"}, [[0.0, 1.0]] * 2, ValueError, "labels: expected shape (3, 2), got (2, 2)"),
        ({"output": "sigmoid"}, [[0.0, 1.5]] * 3, ValueError, "labels: expected values in [0, 1], got 1.5"),
        ({"output": "linear"}, [[0.0]] * 3, ValueError, "labels: expected shape (B, 2), got (3, 1)"),
    ],
)
def test_labels_that_do_not_fit_are_refused(options: dict, labels: list, error: type[Exception], message: str) -> None:
    """One line that names the labels, what was expected and what came."""
    model = MultilayerPerceptron((4, 2), **options)
    for method in (model.loss_terms, model.gradients):
        with pytest.raises(error) as refusal:
            method(np.full((3, 4), 0.5), np.array(labels))
        assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": (4,)}, "sizes: expected at least 2 sizes, got 1"),
        ({"sizes": (4, 0)}, "sizes[1]: expected a whole number of at least 1, got 0"),
        ({"activation": "softmax"}, "activation: expected one of"),
        ({"output": "relu"}, "output: expected one of"),
        ({"seed": -1}, "seed: expected"),
    ],
)
def test_bad_configurations_are_refused(options: dict, message: str) -> None:
    """Before any weight is drawn."""
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        MultilayerPerceptron(**options)


def test_exclusive_or_needs_a_hidden_layer() -> None:
    """A network without a hidden layer stays at chance, one with a hidden layer learns it."""
    batch = {"inputs": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), "labels": np.array([[0], [1], [1], [0]])}
    losses = [MultilayerPerceptron(sizes, "tanh").training_steps([batch] * 400, "adam", 0.05)[-1] for sizes in ((2, 2), (2, 8, 2))]
    assert losses[0] > 0.99 * np.log(2.0)
    assert losses[1] < 0.05
