"""What all deterministic autoencoders share: mirrored dense layers, a reconstruction loss, and room for a penalty on the coding."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from reference.arguments import layer_sizes, one_of, real_array, unit_interval, whole_number
from reference.domains import Domain, Reals
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
from reference.specification import Array

LOSSES = ("mean_squared_error", "binary_cross_entropy")


def mirrored_layers(
    sizes: Sequence[int], activation: str, coding_activation: str, output_activation: str
) -> tuple[DenseLayer, ...]:
    """Encoder and decoder in one row; the last encoder output is `coding`, the last decoder output `reconstruction`."""
    return (*encoder_layers(sizes, activation, coding_activation), *decoder_layers(sizes, activation, output_activation))


def encoder_layers(sizes: Sequence[int], activation: str, coding_activation: str, last_output: str = "coding") -> list[DenseLayer]:
    """The layers down to the coding."""
    down = list(pairwise(sizes))
    names = [*(f"encoder.{i}" for i in range(len(down) - 1)), last_output]
    kinds = [activation] * (len(down) - 1) + [coding_activation]
    return [DenseLayer(f"encoder.{i}", *down[i], kinds[i], names[i]) for i in range(len(down))]


def decoder_layers(sizes: Sequence[int], activation: str, output_activation: str) -> list[DenseLayer]:
    """The same widths back up."""
    up = list(pairwise(reversed(sizes)))
    names = [*(f"decoder.{i}" for i in range(len(up) - 1)), "reconstruction"]
    kinds = [activation] * (len(up) - 1) + [output_activation]
    return [DenseLayer(f"decoder.{i}", *up[i], kinds[i], names[i]) for i in range(len(up))]


def reconstruction_loss(loss: str, targets: Array, named: Named, reduction: str) -> Array:
    """The loss of a reconstruction: squared error of the output, or cross-entropy of the logits."""
    if loss == "binary_cross_entropy":
        return binary_cross_entropy(targets, named["logits"], reduction)
    return mean_squared_error(targets, named["reconstruction"], reduction)


def reconstruction_vjp(loss: str, targets: Array, named: Named, output_activation: str, reduction: str) -> Array:
    """The cotangent of the logits."""
    one = np.ones(())
    if loss == "binary_cross_entropy":
        return binary_cross_entropy_vjp(one, targets, named["logits"], reduction)["logits"]
    output = named["reconstruction"]
    return mean_squared_error_vjp(one, targets, output, reduction)["reconstructions"] * ACTIVATIONS[output_activation].slope(output)


def checked_loss(loss: str, output_activation: str) -> str:
    """Return `loss` if it is known and fits the output."""
    one_of("output_activation", output_activation, ACTIVATIONS)
    if one_of("loss", loss, LOSSES) == "binary_cross_entropy" and output_activation != "sigmoid":
        raise ValueError(f"output_activation: expected 'sigmoid' with the loss {loss!r}, got {output_activation!r}")
    return loss


def rows(name: str, value: Any, width: int) -> Array:
    """Return `value` as a float64 array of shape (B, width)."""
    array = real_array(name, value, rank=2)
    if array.shape[1] != width:
        raise ValueError(f"{name}: expected shape (B, {width}), got {array.shape}")
    return array


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
    ) -> None:
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        one_of("coding_activation", coding_activation, ACTIVATIONS)
        self.loss = checked_loss(loss, output_activation)
        self.output_activation = output_activation
        if not isinstance(tied, bool):
            raise TypeError(f"tied: expected a bool, got {type(tied).__name__}")
        self.tied = tied
        self.layers = mirrored_layers(self.sizes, activation, coding_activation, output_activation)
        initial = perceptron.initial_weights(self.layers, np.random.default_rng(whole_number("seed", seed, 0)))
        self.weights = {name: initial[name] for name in self.parameter_shapes}

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        shapes = perceptron.parameter_shapes(self.layers)
        return {name: shape for name, shape in shapes.items() if name not in self._tied_to()}

    def batch_domains(self) -> dict[str, Domain]:
        return {"inputs": Reals(("batch", self.sizes[0]), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0))}

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        codings = Reals(("batch", self.sizes[-1]), -4.0, 4.0, typical=(-2.0, 2.0))
        return {"encode": {"inputs": self.batch_domains()["inputs"]}, "decode": {"codings": codings}}

    def encode(self, inputs: Any) -> Array:
        """The codings, (B, sizes[-1])."""
        encoder = self.layers[: len(self.sizes) - 1]
        return perceptron.forward(encoder, self._all_weights(), self._inputs(inputs))[0]["coding"]

    def decode(self, codings: Any) -> Array:
        """Reconstructions from codings, (B, sizes[0])."""
        decoder = self.layers[len(self.sizes) - 1 :]
        return perceptron.forward(decoder, self._all_weights(), rows("codings", codings, self.sizes[-1]))[0]["reconstruction"]

    def activations(self, inputs: Any, **noise: Any) -> Named:
        corrupted = self._corrupted(self._inputs(inputs), **noise)
        outputs, logits = perceptron.forward(self.layers, self._all_weights(), corrupted)
        reconstruction = outputs.pop("reconstruction")
        return {**({} if not noise else {"corrupted": corrupted}), **outputs, "logits": logits, "reconstruction": reconstruction}

    def inference(self, inputs: Any, **noise: Any) -> Named:
        """The reconstruction of the clean input: whatever noise the batch brings is left out."""
        return {"reconstruction": self.decode(self.encode(inputs))}

    def loss_terms(self, inputs: Any, **noise: Any) -> Named:
        named = self.activations(inputs, **noise)
        terms = {"reconstruction": reconstruction_loss(self.loss, self._inputs(inputs), named, "mean"), **self._penalties(named)}
        return {**terms, "total": np.asarray(sum(terms.values()))}

    def gradients(self, inputs: Any, **noise: Any) -> Named:
        clean = self._inputs(inputs)
        named, corrupted, weights = self.activations(inputs, **noise), self._corrupted(clean, **noise), self._all_weights()
        cotangent = reconstruction_vjp(self.loss, clean, named, self.output_activation, "mean")
        gradients, _ = perceptron.backward(self.layers, weights, corrupted, named, cotangent, self._penalty_cotangents(named))
        for name, value in self._penalty_gradients(named).items():
            gradients[name] = gradients[name] + value
        for decoder, encoder in self._tied_to().items():
            gradients[encoder] = gradients[encoder] + gradients.pop(decoder).T
        return {name: gradients[name] for name in self.weights}

    def _corrupted(self, inputs: Array, **noise: Any) -> Array:
        """What the encoder is given."""
        if noise:
            raise TypeError(f"batch: expected inputs alone, got {next(iter(noise))!r} too")
        return inputs

    def _penalties(self, named: Named) -> Named:
        """Loss terms beside the reconstruction, by name."""
        return {}

    def _penalty_cotangents(self, named: Named) -> Named:
        """What the penalties send back into named activations."""
        return {}

    def _penalty_gradients(self, named: Named) -> Named:
        """What the penalties send into parameters directly."""
        return {}

    def _inputs(self, inputs: Any) -> Array:
        array = rows("inputs", inputs, self.sizes[0])
        return unit_interval("inputs", array) if self.loss == "binary_cross_entropy" else array

    def _tied_to(self) -> dict[str, str]:
        """Decoder matrix -> the encoder matrix that it transposes."""
        if not self.tied:
            return {}
        count = len(self.sizes) - 1
        return {f"decoder.{i}.weight": f"encoder.{count - 1 - i}.weight" for i in range(count)}

    def _all_weights(self) -> Named:
        """The parameters, and the tied matrices made from them."""
        return {**self.weights, **{decoder: self.weights[encoder].T for decoder, encoder in self._tied_to().items()}}
