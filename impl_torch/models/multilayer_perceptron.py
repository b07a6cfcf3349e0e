"""The multilayer perceptron: dense layers in a row under a linear, sigmoid or softmax output, each with the loss that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from impl_torch.arguments import layer_sizes, one_of, unit_interval, whole_numbers
from impl_torch.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_torch.layers import perceptron
from impl_torch.layers.activations import ACTIVATIONS
from impl_torch.layers.softmax import softmax_cross_entropy
from impl_torch.models.model import Model, Named, generator

__all__ = ["MultilayerPerceptron"]

# The name of the loss that belongs to an output.
_LOSSES: Mapping[str, str] = MappingProxyType(
    {"linear": "mean_squared_error", "sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}
)


class MultilayerPerceptron(Model):
    """A network of dense layers that is trained with labels, by default 784→100→10 with ReLU inside and a softmax at the end.

    Args:
        sizes: widths from the input to the output; two make a network without a hidden layer.
        activation: of the hidden layers: "relu" | "sigmoid" | "tanh" | "linear".
        output: "linear", with the squared error; "sigmoid", with the binary cross-entropy of every output; or "softmax", with the
            cross-entropy of the class. Losses are summed over the outputs and averaged over the batch.
        seed: of the initial weights (Glorot uniform; biases zero). PyTorch's global generator is neither read nor moved.
        dtype, device: of the parameters; None means PyTorch's default.

    Batch: `inputs` (B, sizes[0]) and `labels`: real numbers (B, sizes[-1]) for a linear output, numbers in [0, 1] of the same shape
    for sigmoids, and for a softmax whole numbers (B, 1) below sizes[-1].

    Activations: layer.0, …, logits, output; the logits are z of the last layer. Loss terms: mean_squared_error,
    binary_cross_entropy or cross_entropy, and total.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name; a batch of the wrong shape, empty, or on another device;
            labels (in eager mode) out of range.
        TypeError: sizes or seed that are not whole numbers, a dtype that is not floating; a batch of another dtype, classes that
            are not whole numbers.

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
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.output = one_of("output", output, _LOSSES)
        self.layer = perceptron.dense_layers(self.sizes, generator(seed, dtype), dtype, device)

    def forward(self, inputs: Tensor) -> Tensor:
        """The logits, (B, sizes[-1]), as PyTorch's losses want them."""
        return self.activations(inputs)["logits"]

    def activations(self, inputs: Tensor, labels: Tensor | None = None) -> Named:
        self._rows("inputs", inputs, self.sizes[0])
        (*hidden, logits), _ = perceptron.forward(self.layer, self.activation, "linear", inputs)
        return {**{f"layer.{i}": value for i, value in enumerate(hidden)}, "logits": logits, "output": self._output(logits)}

    def inference(self, inputs: Tensor, labels: Tensor | None = None) -> Named:
        """The output: values, a probability of every label, or the probabilities of the classes."""
        return {"output": self.activations(inputs)["output"]}

    def predict(self, inputs: Tensor) -> Tensor:
        """The output, (B, sizes[-1])."""
        return self.inference(inputs)["output"]

    def loss_terms(self, inputs: Tensor, labels: Tensor) -> Named:
        loss = self._loss(labels, self.activations(inputs)["logits"])
        return {_LOSSES[self.output]: loss, "total": loss}

    def _output(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1) if self.output == "softmax" else ACTIVATIONS[self.output](logits)

    def _loss(self, labels: Tensor, logits: Tensor) -> Tensor:
        if self.output == "softmax":
            return softmax_cross_entropy(whole_numbers("labels", labels, (len(logits), 1), self.sizes[-1], logits), logits)
        self._rows("labels", labels, self.sizes[-1])
        if len(labels) != len(logits):
            raise ValueError(f"labels: expected shape {tuple(logits.shape)}, got {tuple(labels.shape)}")
        if self.output == "linear":
            return mean_squared_error(labels, logits, "sum")
        unit_interval("labels", labels)
        return binary_cross_entropy(labels, logits, "sum")
