"""The multilayer perceptron: dense layers in a row under a linear, sigmoid or softmax output, each with the loss that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import floating_policy, layer_sizes, one_of, unit_interval, whole_numbers
from impl_tf.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_tf.layers import perceptron
from impl_tf.layers.activations import ACTIVATIONS
from impl_tf.layers.softmax import softmax_cross_entropy
from impl_tf.models.autoencoder import layer_parameters, layer_seeds
from impl_tf.models.model import Model, Named

__all__ = ["MultilayerPerceptron"]

# The name of the loss that belongs to an output.
_LOSSES: Mapping[str, str] = MappingProxyType(
    {"linear": "mean_squared_error", "sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}
)


@keras.saving.register_keras_serializable(package="impl_tf")
class MultilayerPerceptron(Model):
    """A network of dense layers that is trained with labels, by default 784→100→10 with ReLU inside and a softmax at the end.

    `compile(optimizer="adam")`, then `fit(inputs, labels)`: the loss is the model's own, from logits. Called, and by `predict`, it
    gives its output.

    Args:
        sizes: widths from the input to the output; two make a network without a hidden layer.
        activation: of the hidden layers: "relu" | "sigmoid" | "tanh" | "linear".
        output: "linear", with the squared error; "sigmoid", with the binary cross-entropy of every output; or "softmax", with the
            cross-entropy of the class. Losses are summed over the outputs and averaged over the batch.
        seed: of the initial weights (Glorot uniform; biases zero). No global generator is read or moved.
        dtype: of the variables, or a Keras dtype policy; None means the global policy.
        name: of the Keras model.

    Batch: `inputs` (B, sizes[0]) and `labels`: real numbers (B, sizes[-1]) for a linear output, numbers in [0, 1] of the same shape
    for sigmoids, and for a softmax whole numbers (B, 1) below sizes[-1].

    Activations: layer.0, …, logits, output; the logits are z of the last layer. Loss terms: mean_squared_error,
    binary_cross_entropy or cross_entropy, and total.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name; a batch of the wrong shape or empty; labels out of range
            (seen in eager mode, and in arrays given to `fit` and `evaluate`).
        TypeError: sizes or seed that are not whole numbers, a dtype that is not floating; a batch of another dtype, classes that
            are not whole numbers.

    Source: lecture notes 003 §2–6.

    >>> MultilayerPerceptron().parameter_count
    79510
    """

    label_name = "labels"
    output_name = "output"

    def __init__(
        self,
        sizes: Sequence[int] = (784, 100, 10),
        activation: str = "relu",
        output: str = "softmax",
        seed: int = 0,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=floating_policy("dtype", dtype))
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        # Not `output` and `layers`: Keras has properties of these names.
        self.output_kind = one_of("output", output, _LOSSES)
        self.seed = seed
        self.dense = perceptron.dense_layers("layer", self.sizes, layer_seeds(seed, len(self.sizes) - 1), self.dtype_policy)
        self.build()

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {
            name: variable for i, layer in enumerate(self.dense) for name, variable in layer_parameters(f"layer.{i}", layer).items()
        }

    def activations(self, inputs: tf.Tensor, labels: Any = None) -> Named:
        x = self._rows("inputs", inputs, self.sizes[0])
        (*hidden, logits), _ = perceptron.forward(self.dense, self.activation, "linear", x)
        return {**{f"layer.{i}": value for i, value in enumerate(hidden)}, "logits": logits, "output": self._output(logits)}

    def inference(self, inputs: tf.Tensor, labels: Any = None) -> Named:
        """The output: values, a probability of every label, or the probabilities of the classes."""
        return {"output": self.activations(inputs)["output"]}

    def loss_terms(self, inputs: tf.Tensor, labels: Any) -> Named:
        loss = self._loss(labels, self.activations(inputs)["logits"])
        return {_LOSSES[self.output_kind]: loss, "total": loss}

    def get_config(self) -> dict[str, Any]:
        return {
            "sizes": list(self.sizes),
            "activation": self.activation,
            "output": self.output_kind,
            "seed": self.seed,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "name": self.name,
        }

    def inspect_entry(self, name: str, array: np.ndarray) -> None:
        super().inspect_entry(name, array)
        if name != "labels":
            return
        if self.output_kind == "softmax":
            whole_numbers("labels", array, (None, 1), self.sizes[-1])
        elif self.output_kind == "sigmoid":
            unit_interval("labels", array)

    def _widths(self) -> Mapping[str, int]:
        labels = {} if self.output_kind == "softmax" else {"labels": self.sizes[-1]}
        return {"inputs": self.sizes[0], **labels}

    def _output(self, logits: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(logits) if self.output_kind == "softmax" else ACTIVATIONS[self.output_kind](logits)

    def _loss(self, labels: Any, logits: tf.Tensor) -> tf.Tensor:
        if self.output_kind == "softmax":
            return softmax_cross_entropy(whole_numbers("labels", labels, (logits.shape[0], 1), self.sizes[-1]), logits)
        values = self._rows("labels", labels, self.sizes[-1])
        if not values.shape.is_compatible_with(logits.shape):
            raise ValueError(f"labels: expected shape {tuple(logits.shape)}, got {tuple(values.shape)}")
        if self.output_kind == "linear":
            return mean_squared_error(values, logits, "sum")
        if hasattr(values, "numpy"):
            unit_interval("labels", values.numpy())
        return binary_cross_entropy(values, logits, "sum")
