"""What all deterministic autoencoders share: mirrored dense layers, a reconstruction loss, and room for a penalty on the coding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn

from impl_torch.arguments import flag, layer_sizes, one_of
from impl_torch.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_torch.layers import perceptron
from impl_torch.layers.activations import ACTIVATIONS
from impl_torch.layers.dense import TransposedDense
from impl_torch.models.model import Model, Named, generator
from impl_torch.models.weights import Entry

LOSSES = ("mean_squared_error", "binary_cross_entropy")


def reconstruction_loss(loss: str, targets: Tensor, named: Named, reduction: str) -> Tensor:
    """The loss of a reconstruction: squared error of the output, or cross-entropy of the logits."""
    if loss == "binary_cross_entropy":
        return binary_cross_entropy(targets, named["logits"], reduction)
    return mean_squared_error(targets, named["reconstruction"], reduction)


def checked_loss(loss: str, output_activation: str) -> str:
    """Return `loss` if it is known and fits the output."""
    one_of("output_activation", output_activation, ACTIVATIONS)
    if one_of("loss", loss, LOSSES) == "binary_cross_entropy" and output_activation != "sigmoid":
        raise ValueError(f"output_activation: expected 'sigmoid' with the loss {loss!r}, got {output_activation!r}")
    return loss


def layer_parameters(prefix: str, layer: nn.Linear) -> dict[str, Entry]:
    """The parameters of a dense layer under their canonical names. nn.Linear keeps (out, in)."""
    return {f"{prefix}.weight": Entry(layer.weight, (1, 0)), f"{prefix}.bias": Entry(layer.bias, (0,))}


class Autoencoder(Model):
    """Base of the deterministic autoencoders. A subclass may corrupt the input and may add a penalty on what the encoder does.

    With `tied`, decoder matrices are the transposed encoder matrices and are no parameters of their own.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str,
        coding_activation: str,
        output_activation: str,
        loss: str,
        tied: bool,
        seed: int,
        dtype: torch.dtype | None,
        device: torch.device | str | None,
    ) -> None:
        super().__init__()
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.coding_activation = one_of("coding_activation", coding_activation, ACTIVATIONS)
        self.loss = checked_loss(loss, output_activation)
        self.output_activation = output_activation
        self.tied = flag("tied", tied)
        source = generator(seed, dtype)
        self.encoder = perceptron.dense_layers(self.sizes, source, dtype, device)
        if tied:
            self.decoder = nn.ModuleList(TransposedDense(width, dtype, device) for width in self.sizes[-2::-1])
        else:
            self.decoder = perceptron.dense_layers(self.sizes[::-1], source, dtype, device)

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
        return self._reconstructed(inputs)

    def inference(self, inputs: Tensor, **noise: Any) -> Named:
        """The reconstruction of the clean input: whatever noise the batch brings is left out."""
        return {"reconstruction": self.decode(self.encode(inputs))}

    def loss_terms(self, inputs: Tensor) -> Named:
        return self._terms(inputs, self.activations(inputs))

    def _terms(self, inputs: Tensor, named: Named) -> Named:
        reconstruction = reconstruction_loss(self.loss, inputs, named, "mean")
        penalties = self._penalties(named)
        return {"reconstruction": reconstruction, **penalties, "total": sum(penalties.values(), start=reconstruction)}

    def _penalties(self, named: Named) -> Named:
        """Loss terms beside the reconstruction, by name."""
        return {}

    def _reconstructed(self, x: Tensor) -> Named:
        """What follows from the input that the encoder sees."""
        encoded = self._encoded(x)
        return {**encoded, **self._decoded(encoded["coding"])}

    def _encoded(self, x: Tensor) -> Named:
        return perceptron.encoded(self.encoder, self.activation, self.coding_activation, x)

    def _decoded(self, x: Tensor) -> Named:
        layers = self.decoder
        if self.tied:
            layers = [partial(layer, of=cast(nn.Linear, self.encoder[-1 - i])) for i, layer in enumerate(self.decoder)]
        return perceptron.decoded(layers, self.activation, self.output_activation, x)
