"""The stacked autoencoder: dense layers down to a coding, and the same widths back up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from impl_torch.arguments import layer_sizes, one_of, whole_number
from impl_torch.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_torch.layers.activations import ACTIVATIONS
from impl_torch.layers.dense import dense
from impl_torch.models.model import Model, Named
from impl_torch.models.weights import Entry

LOSSES = ("mean_squared_error", "binary_cross_entropy")


class StackedAutoencoder(Model):
    """Autoencoder of several dense layers, by default 784→100→30→100→784 with ReLU inside and a sigmoid at the end.

    Args:
        sizes: widths from the input to the coding; the decoder mirrors them. A coding wider than the input is overcomplete.
        activation: of every layer but the last: "relu" | "sigmoid" | "tanh" | "linear".
        output_activation: of the last layer.
        loss: "mean_squared_error" over every element, or "binary_cross_entropy" from the logits, which needs a sigmoid output.
        seed: of the initial weights (Glorot uniform; biases zero). PyTorch's global generator is neither read nor moved.
        dtype, device: of the parameters; None means PyTorch's default.

    Batch: `inputs` (B, sizes[0]), in [0, 1] for the cross-entropy, in the dtype and on the device of the model.

    Activations: encoder.0, …, coding, decoder.0, …, logits, reconstruction.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name, cross-entropy without a sigmoid output;
            a batch of the wrong shape, empty, or on another device.
        TypeError: sizes or seed that are not whole numbers, a dtype that is not floating; a batch of another dtype.

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
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.output_activation = one_of("output_activation", output_activation, ACTIVATIONS)
        self.loss = one_of("loss", loss, LOSSES)
        if loss == "binary_cross_entropy" and output_activation != "sigmoid":
            raise ValueError(
                f"output_activation: expected 'sigmoid' with the loss 'binary_cross_entropy', got {output_activation!r}"
            )
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(f"dtype: expected a floating-point dtype, got {dtype}")
        generator = torch.Generator().manual_seed(whole_number("seed", seed, least=0))
        down, up = pairwise(self.sizes), pairwise(self.sizes[::-1])
        self.encoder = nn.ModuleList(dense(*widths, generator, dtype, device) for widths in down)
        self.decoder = nn.ModuleList(dense(*widths, generator, dtype, device) for widths in up)

    def parameter_table(self) -> dict[str, Entry]:
        # nn.Linear keeps (out, in); the canonical layout is (in, out).
        return {name: Entry(value, (1, 0) if value.dim() == 2 else (0,)) for name, value in self.named_parameters()}

    def forward(self, inputs: Tensor) -> Tensor:
        """The reconstructions, (B, sizes[0])."""
        return self.activations(inputs)["reconstruction"]

    def encode(self, inputs: Tensor) -> Tensor:
        """The codings, (B, sizes[-1])."""
        self._rows("inputs", inputs, self.sizes[0])
        return self._encoded(inputs)["coding"]

    def decode(self, codings: Tensor) -> Tensor:
        """Reconstructions from codings, (B, sizes[0])."""
        self._rows("codings", codings, self.sizes[-1])
        return self._decoded(codings)["reconstruction"]

    def activations(self, inputs: Tensor) -> Named:
        self._rows("inputs", inputs, self.sizes[0])
        encoded = self._encoded(inputs)
        return {**encoded, **self._decoded(encoded["coding"])}

    def loss_terms(self, inputs: Tensor) -> Named:
        named = self.activations(inputs)
        if self.loss == "binary_cross_entropy":
            value = binary_cross_entropy(inputs, named["logits"])
        else:
            value = mean_squared_error(inputs, named["reconstruction"])
        return {"reconstruction": value, "total": value}

    def _encoded(self, x: Tensor) -> Named:
        activate, last, outputs = ACTIVATIONS[self.activation], len(self.encoder) - 1, {}
        for i, layer in enumerate(self.encoder):
            outputs["coding" if i == last else f"encoder.{i}"] = x = activate(layer(x))
        return outputs

    def _decoded(self, x: Tensor) -> Named:
        activate, last, outputs = ACTIVATIONS[self.activation], len(self.decoder) - 1, {}
        for i, layer in enumerate(self.decoder[:last]):
            outputs[f"decoder.{i}"] = x = activate(layer(x))
        logits = self.decoder[last](x)
        return {**outputs, "logits": logits, "reconstruction": ACTIVATIONS[self.output_activation](logits)}
