"""What all deterministic autoencoders share: mirrored dense layers, a reconstruction loss, and room for a penalty on the coding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import flag, floating_policy, layer_sizes, one_of, whole_number
from impl_tf.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_tf.layers import perceptron
from impl_tf.layers.activations import ACTIVATIONS
from impl_tf.layers.dense import TransposedDense
from impl_tf.models.model import Model, Named

LOSSES = ("mean_squared_error", "binary_cross_entropy")


def checked_loss(loss: str, output_activation: str) -> str:
    """Return `loss` if it is known and fits the output."""
    one_of("output_activation", output_activation, ACTIVATIONS)
    if one_of("loss", loss, LOSSES) == "binary_cross_entropy" and output_activation != "sigmoid":
        raise ValueError(f"output_activation: expected 'sigmoid' with the loss {loss!r}, got {output_activation!r}")
    return loss


def layer_seeds(seed: int, count: int) -> list[int]:
    """One seed a layer, or layers of the same shape would start alike."""
    return np.random.SeedSequence(whole_number("seed", seed, least=0)).generate_state(count).tolist()


def reconstruction_loss(loss: str, targets: tf.Tensor, named: Named, reduction: str) -> tf.Tensor:
    """The loss of a reconstruction: squared error of the output, or cross-entropy of the logits."""
    if loss == "binary_cross_entropy":
        return binary_cross_entropy(targets, named["logits"], reduction)
    return mean_squared_error(targets, named["reconstruction"], reduction)


def layer_parameters(prefix: str, layer: keras.layers.Layer) -> dict[str, keras.Variable]:
    """The variables of a dense layer under their canonical names; a transposed one has a bias only."""
    own = {} if isinstance(layer, TransposedDense) else {f"{prefix}.weight": layer.kernel}
    return {**own, f"{prefix}.bias": layer.bias}


class Autoencoder(Model):
    """Base of the deterministic autoencoders. A subclass may corrupt the input and may add penalties on what the encoder does.

    Its constructor ends with `build()`, after which Keras takes no new parts.
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
        dtype: Any,
        name: str | None,
    ) -> None:
        super().__init__(name=name, dtype=floating_policy("dtype", dtype))
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.coding_activation = one_of("coding_activation", coding_activation, ACTIVATIONS)
        # Not `loss`: Keras keeps there what `compile` was given.
        self.loss_name = checked_loss(loss, output_activation)
        self.output_activation = output_activation
        self.tied = flag("tied", tied)
        count, policy = len(self.sizes) - 1, self.dtype_policy
        seeds = layer_seeds(seed, 2 * count)
        self.seed = seed
        self.encoder = perceptron.dense_layers("encoder", self.sizes, seeds[:count], policy)
        if tied:
            up = pairwise(self.sizes[::-1])
            self.decoder = [TransposedDense(*widths, f"decoder_{i}", policy) for i, widths in enumerate(up)]
        else:
            self.decoder = perceptron.dense_layers("decoder", self.sizes[::-1], seeds[count:], policy)

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {
            name: variable
            for part, layers in (("encoder", self.encoder), ("decoder", self.decoder))
            for i, layer in enumerate(layers)
            for name, variable in layer_parameters(f"{part}.{i}", layer).items()
        }

    def encode(self, inputs: tf.Tensor) -> tf.Tensor:
        """The codings, (B, sizes[-1])."""
        return self._encoded(self._rows("inputs", inputs, self.sizes[0]))["coding"]

    def decode(self, codings: tf.Tensor) -> tf.Tensor:
        """Reconstructions from codings, (B, sizes[0])."""
        return self._decoded(self._rows("codings", codings, self.sizes[-1]))["reconstruction"]

    def activations(self, inputs: tf.Tensor, **noise: Any) -> Named:
        x = self._rows("inputs", inputs, self.sizes[0])
        if not noise:
            return self._reconstructed(x)
        corrupted = self._corrupted(x, **noise)
        return {"corrupted": corrupted, **self._reconstructed(corrupted)}

    def inference(self, inputs: tf.Tensor, **noise: Any) -> Named:
        """The reconstruction of the clean input: whatever noise the batch brings is left out."""
        return {"reconstruction": self.decode(self.encode(inputs))}

    def loss_terms(self, inputs: tf.Tensor, **noise: Any) -> Named:
        named = self.activations(inputs, **noise)
        return self._terms(self._rows("inputs", inputs, self.sizes[0]), named)

    def get_config(self) -> dict[str, Any]:
        return {
            "sizes": list(self.sizes),
            "activation": self.activation,
            "output_activation": self.output_activation,
            "loss": self.loss_name,
            "seed": self.seed,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "name": self.name,
        }

    def _widths(self) -> Mapping[str, int]:
        return {"inputs": self.sizes[0]}

    def _corrupted(self, inputs: tf.Tensor, **noise: Any) -> tf.Tensor:
        """What the encoder is given in place of the inputs."""
        raise TypeError(f"{next(iter(noise))}: expected no such entry in a batch of {type(self).__name__}, got one")

    def _penalties(self, named: Named) -> Named:
        """Loss terms beside the reconstruction, by name."""
        return {}

    def _terms(self, targets: tf.Tensor, named: Named) -> Named:
        terms = {"reconstruction": reconstruction_loss(self.loss_name, targets, named, "mean"), **self._penalties(named)}
        return {**terms, "total": tf.add_n(list(terms.values()))}

    def _noiseless_loss_terms(self, batch: Named) -> Named:
        x = self._rows("inputs", batch["inputs"], self.sizes[0])
        return self._terms(x, self._reconstructed(x))

    def _reconstructed(self, x: tf.Tensor) -> Named:
        """What follows from the input that the encoder sees."""
        encoded = self._encoded(x)
        return {**encoded, **self._decoded(encoded["coding"])}

    def _encoded(self, x: tf.Tensor) -> Named:
        return perceptron.encoded(self.encoder, self.activation, self.coding_activation, x)

    def _decoded(self, x: tf.Tensor) -> Named:
        layers = self.decoder
        if self.tied:
            matrices = (tf.convert_to_tensor(layer.kernel) for layer in reversed(self.encoder))
            layers = [partial(layer, kernel=kernel) for layer, kernel in zip(self.decoder, matrices, strict=True)]
        return perceptron.decoded(layers, self.activation, self.output_activation, x)
