"""The multilayer perceptron: dense layers in a row under a linear, sigmoid or softmax output, each with the loss that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from reference.arguments import layer_sizes, one_of, unit_interval, whole_number, whole_numbers
from reference.domains import Bits, Choice, Domain, Ids, Reals, Widths
from reference.formulas.reconstruction import (
    binary_cross_entropy,
    binary_cross_entropy_vjp,
    mean_squared_error,
    mean_squared_error_vjp,
)
from reference.layers import perceptron
from reference.layers.activations import ACTIVATIONS, sigmoid
from reference.layers.perceptron import DenseLayer
from reference.layers.softmax import softmax, softmax_cross_entropy, softmax_cross_entropy_vjp
from reference.models.autoencoder import rows
from reference.models.model import Model, Named
from reference.specification import Array, OfImages, specify

# The name of the loss that belongs to an output.
_LOSSES: Mapping[str, str] = MappingProxyType(
    {"linear": "mean_squared_error", "sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}
)


@specify(
    kind="model",
    equation="x → dense layers → z → output; its loss summed over the outputs, averaged over the batch: ∂/∂z = (output − label) / B, "
    "twice that if linear",
    source="003 §2–6",
    inputs={
        "sizes": Widths(2, 4),
        "activation": Choice(("relu", "sigmoid", "tanh")),
        "output": Choice(("softmax", "sigmoid", "linear")),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"sizes": (features, 32, classes), "output": "softmax"}),
    stand_in="which labels a plain model takes depends on its output, which it does not say",
)
class MultilayerPerceptron(Model):
    """A network of dense layers that is trained with labels, by default 784→100→10 with ReLU inside and a softmax at the end.

    Args:
        sizes: widths from the input to the output; two make a network without a hidden layer.
        activation: of the hidden layers: "relu" | "sigmoid" | "tanh" | "linear".
        output: "linear", with the squared error; "sigmoid", with the binary cross-entropy of every output; or "softmax", with the
            cross-entropy of the class. Losses are summed over the outputs and averaged over the batch.
        seed: of the initial weights (Glorot uniform; biases zero).

    Batch: `inputs` (B, sizes[0]) and `labels`: real numbers (B, sizes[-1]) for a linear output, numbers in [0, 1] of the same shape
    for sigmoids, and for a softmax whole numbers (B, 1) below sizes[-1].

    Activations: layer.0, …, logits, output; the logits are z of the last layer. Loss terms: mean_squared_error,
    binary_cross_entropy or cross_entropy, and total.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name; a batch of the wrong shape, empty or not finite, labels
            out of range.
        TypeError: sizes or seed that are not whole numbers, classes that are not whole numbers.

    Source: lecture notes 003 §2–6.

    >>> MultilayerPerceptron().parameter_count
    79510
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 10),
        activation: str = "relu",
        output: str = "softmax",
        seed: int = 0,
    ) -> None:
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.output = one_of("output", output, _LOSSES)
        last = len(self.sizes) - 2
        self.layers = tuple(
            DenseLayer(f"layer.{i}", *widths, *((activation, f"layer.{i}") if i < last else ("linear", "logits")))
            for i, widths in enumerate(pairwise(self.sizes))
        )
        self.weights = perceptron.initial_weights(self.layers, np.random.default_rng(whole_number("seed", seed, 0)))

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return perceptron.parameter_shapes(self.layers)

    def batch_domains(self) -> dict[str, Domain]:
        outputs = ("batch", self.sizes[-1])
        labels = {
            "linear": Reals(outputs, -2.0, 2.0, typical=(-1.0, 1.0), edges=(0.0,)),
            "sigmoid": Bits(outputs),
            "softmax": Ids(("batch", 1), self.sizes[-1]),
        }
        return {
            "inputs": Reals(("batch", self.sizes[0]), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0)),
            "labels": labels[self.output],
        }

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        return {"predict": {name: domain for name, domain in self.batch_domains().items() if name != "labels"}}

    def activations(self, inputs: Any, labels: Any = None) -> Named:
        outputs, logits = perceptron.forward(self.layers, self.weights, rows("inputs", inputs, self.sizes[0]))
        return {**outputs, "output": self._output(logits)}

    def inference(self, inputs: Any, labels: Any = None) -> Named:
        """The output: values, a probability of every label, or the probabilities of the classes."""
        return {"output": self.activations(inputs)["output"]}

    def predict(self, inputs: Any) -> Array:
        """The output, (B, sizes[-1])."""
        return self.inference(inputs)["output"]

    def loss_terms(self, inputs: Any, labels: Any) -> Named:
        logits = self.activations(inputs)["logits"]
        loss = self._loss(self._labels(labels, len(logits)), logits)
        return {_LOSSES[self.output]: loss, "total": loss}

    def gradients(self, inputs: Any, labels: Any) -> Named:
        """∂total/∂parameter for every parameter, by back-propagation."""
        named = self.activations(inputs)
        cotangent = self._loss_vjp(self._labels(labels, len(named["logits"])), named["logits"])
        gradients, _ = perceptron.backward(self.layers, self.weights, rows("inputs", inputs, self.sizes[0]), named, cotangent)
        return {name: gradients[name] for name in self.weights}

    def _output(self, logits: Array) -> Array:
        if self.output == "softmax":
            return softmax(logits)
        return sigmoid(logits) if self.output == "sigmoid" else logits

    def _loss(self, labels: Array, logits: Array) -> Array:
        if self.output == "softmax":
            return softmax_cross_entropy(labels, logits)
        if self.output == "sigmoid":
            return binary_cross_entropy(labels, logits, "sum")
        return mean_squared_error(labels, logits, "sum")

    def _loss_vjp(self, labels: Array, logits: Array) -> Array:
        """The cotangent of the logits."""
        if self.output == "softmax":
            return softmax_cross_entropy_vjp(labels, logits)
        if self.output == "sigmoid":
            return binary_cross_entropy_vjp(np.ones(()), labels, logits, "sum")["logits"]
        return mean_squared_error_vjp(np.ones(()), labels, logits, "sum")["reconstructions"]

    def _labels(self, labels: Any, batch: int) -> Array:
        if self.output == "softmax":
            return whole_numbers("labels", labels, (batch, 1), self.sizes[-1])
        values = rows("labels", labels, self.sizes[-1])
        if len(values) != batch:
            raise ValueError(f"labels: expected shape ({batch}, {self.sizes[-1]}), got {values.shape}")
        return unit_interval("labels", values) if self.output == "sigmoid" else values
