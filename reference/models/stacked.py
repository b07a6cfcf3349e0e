"""The stacked autoencoder: dense layers down to a coding, and the same widths back up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from reference.arguments import layer_sizes, one_of, real_array, unit_interval, whole_number
from reference.formulas.reconstruction import (
    binary_cross_entropy,
    binary_cross_entropy_vjp,
    mean_squared_error,
    mean_squared_error_vjp,
)
from reference.layers import perceptron
from reference.layers.activations import ACTIVATIONS
from reference.layers.perceptron import DenseLayer
from reference.models.model import Model, Named
from reference.specification import Array, Choice, Domain, Reals, Widths, specify

LOSSES = ("mean_squared_error", "binary_cross_entropy")


def layers_of(sizes: Sequence[int], activation: str, output_activation: str) -> tuple[DenseLayer, ...]:
    """Encoder and decoder in one row; the last encoder output is `coding`, the last decoder output `reconstruction`."""
    down = list(pairwise(sizes))
    encoder = [
        DenseLayer(f"encoder.{i}", fan_in, fan_out, activation, "coding" if i == len(down) - 1 else f"encoder.{i}")
        for i, (fan_in, fan_out) in enumerate(down)
    ]
    up = [(fan_out, fan_in) for fan_in, fan_out in reversed(down)]
    last = len(up) - 1
    decoder = [
        DenseLayer(
            f"decoder.{i}",
            fan_in,
            fan_out,
            output_activation if i == last else activation,
            "reconstruction" if i == last else f"decoder.{i}",
        )
        for i, (fan_in, fan_out) in enumerate(up)
    ]
    return (*encoder, *decoder)


@specify(
    kind="model",
    equation="x → encoder → coding → decoder → x̂; loss(x, x̂)",
    source="000 §3.1–3.2",
    inputs={
        "sizes": Widths(2, 4),
        "activation": Choice(("relu", "sigmoid", "tanh", "linear")),
        "output_activation": Choice(("sigmoid", "linear")),
        "loss": Choice(LOSSES),
    },
    quantities=("activations", "value", "gradient", "training"),
)
class StackedAutoencoder(Model):
    """Autoencoder of several dense layers, by default 784→100→30→100→784 with ReLU inside and a sigmoid at the end.

    Args:
        sizes: widths from the input to the coding; the decoder mirrors them. A coding wider than the input is overcomplete.
        activation: of every layer but the last: "relu" | "sigmoid" | "tanh" | "linear".
        output_activation: of the last layer.
        loss: "mean_squared_error" over every element, or "binary_cross_entropy" from the logits, which needs a sigmoid output.
        seed: of the initial weights (Glorot uniform; biases zero).

    Batch: `inputs` (B, sizes[0]), in [0, 1] for the cross-entropy.

    Activations: encoder.0, …, coding, decoder.0, …, logits, reconstruction.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name, cross-entropy without a sigmoid output;
            a batch of the wrong shape, empty or with NaN.

    Source: lecture notes 000 §3.1–3.2.

    >>> StackedAutoencoder().parameter_count
    163814
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 30),
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
    ) -> None:
        self.sizes = layer_sizes("sizes", sizes, least=2)
        one_of("activation", activation, ACTIVATIONS)
        one_of("output_activation", output_activation, ACTIVATIONS)
        self.loss = one_of("loss", loss, LOSSES)
        if loss == "binary_cross_entropy" and output_activation != "sigmoid":
            raise ValueError(
                f"output_activation: expected 'sigmoid' with the loss 'binary_cross_entropy', got {output_activation!r}"
            )
        self.layers = layers_of(self.sizes, activation, output_activation)
        self.weights = perceptron.initial_weights(self.layers, np.random.default_rng(whole_number("seed", seed, 0)))

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return perceptron.parameter_shapes(self.layers)

    def batch_domains(self) -> dict[str, Domain]:
        return {"inputs": Reals(("batch", self.sizes[0]), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0))}

    def encode(self, inputs: Any) -> Array:
        """The codings, (B, sizes[-1])."""
        return self.activations(inputs)["coding"]

    def decode(self, codings: Any) -> Array:
        """Reconstructions from codings, (B, sizes[0])."""
        codings = self._rows("codings", codings, self.sizes[-1])
        return perceptron.forward(self.layers[len(self.layers) // 2 :], self.weights, codings)[0]["reconstruction"]

    def activations(self, inputs: Any) -> Named:
        inputs = self._rows("inputs", inputs, self.sizes[0])
        if self.loss == "binary_cross_entropy":
            unit_interval("inputs", inputs)
        outputs, logits = perceptron.forward(self.layers, self.weights, inputs)
        reconstruction = outputs.pop("reconstruction")
        return {**outputs, "logits": logits, "reconstruction": reconstruction}

    def loss_terms(self, inputs: Any) -> Named:
        named = self.activations(inputs)
        inputs = np.asarray(inputs, dtype=np.float64)
        if self.loss == "binary_cross_entropy":
            value = binary_cross_entropy(inputs, named["logits"])
        else:
            value = mean_squared_error(inputs, named["reconstruction"])
        return {"reconstruction": value, "total": value}

    def gradients(self, inputs: Any) -> Named:
        named, one = self.activations(inputs), np.ones(())
        inputs = np.asarray(inputs, dtype=np.float64)
        if self.loss == "binary_cross_entropy":
            cotangent = binary_cross_entropy_vjp(one, inputs, named["logits"])["logits"]
        else:
            output = named["reconstruction"]
            slope = ACTIVATIONS[self.layers[-1].activation].slope(output)
            cotangent = mean_squared_error_vjp(one, inputs, output)["reconstructions"] * slope
        found, _ = perceptron.backward(self.layers, self.weights, inputs, named, cotangent)
        return {name: found[name] for name in self.weights}

    def _rows(self, name: str, value: Any, width: int) -> Array:
        array = real_array(name, value, rank=2)
        if array.shape[1] != width:
            raise ValueError(f"{name}: expected shape (B, {width}), got {array.shape}")
        return array
