"""The stacked autoencoder: dense layers down to a coding, and the same widths back up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import floating_policy, layer_sizes, one_of, whole_number
from impl_tf.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_tf.layers.activations import ACTIVATIONS
from impl_tf.layers.dense import dense
from impl_tf.models.model import Model, Named

LOSSES = ("mean_squared_error", "binary_cross_entropy")


@keras.saving.register_keras_serializable(package="impl_tf")
class StackedAutoencoder(Model):
    """Autoencoder of several dense layers, by default 784→100→30→100→784 with ReLU inside and a sigmoid at the end.

    Args:
        sizes: widths from the input to the coding; the decoder mirrors them. A coding wider than the input is overcomplete.
        activation: of every layer but the last: "relu" | "sigmoid" | "tanh" | "linear".
        output_activation: of the last layer.
        loss: "mean_squared_error" over every element, or "binary_cross_entropy" from the logits, which needs a sigmoid output.
        seed: of the initial weights (Glorot uniform; biases zero). No global generator is read or moved.
        dtype: of the variables, or a Keras dtype policy; None means the global policy.
        name: of the Keras model.

    Batch: `inputs` (B, sizes[0]), in [0, 1] for the cross-entropy, in the dtype of the model.

    Activations: encoder.0, …, coding, decoder.0, …, logits, reconstruction.

    Raises:
        ValueError: fewer than two sizes, a size below 1, an unknown name, cross-entropy without a sigmoid output;
            a batch of the wrong shape or empty.
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
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=floating_policy("dtype", dtype))
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.output_activation = one_of("output_activation", output_activation, ACTIVATIONS)
        # Not `loss`: Keras keeps there what `compile` was given.
        self.loss_name = one_of("loss", loss, LOSSES)
        if loss == "binary_cross_entropy" and output_activation != "sigmoid":
            raise ValueError(
                f"output_activation: expected 'sigmoid' with the loss 'binary_cross_entropy', got {output_activation!r}"
            )
        self.seed = whole_number("seed", seed, least=0)
        down, up = list(pairwise(self.sizes)), list(pairwise(self.sizes[::-1]))
        # One seed a layer, or layers of the same shape would start alike.
        seeds = iter(np.random.SeedSequence(self.seed).generate_state(2 * len(down)).tolist())
        policy = self.dtype_policy
        self.encoder = [dense(*widths, next(seeds), f"encoder_{i}", policy) for i, widths in enumerate(down)]
        self.decoder = [dense(*widths, next(seeds), f"decoder_{i}", policy) for i, widths in enumerate(up)]
        self.build((None, self.sizes[0]))

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {
            f"{part}.{i}.{kind}": variable
            for part, layers in (("encoder", self.encoder), ("decoder", self.decoder))
            for i, layer in enumerate(layers)
            for kind, variable in (("weight", layer.kernel), ("bias", layer.bias))
        }

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The reconstructions, (B, sizes[0])."""
        return self.activations(inputs)["reconstruction"]

    def encode(self, inputs: tf.Tensor) -> tf.Tensor:
        """The codings, (B, sizes[-1])."""
        return self._encoded(self._rows("inputs", inputs, self.sizes[0]))["coding"]

    def decode(self, codings: tf.Tensor) -> tf.Tensor:
        """Reconstructions from codings, (B, sizes[0])."""
        return self._decoded(self._rows("codings", codings, self.sizes[-1]))["reconstruction"]

    def activations(self, inputs: tf.Tensor) -> Named:
        encoded = self._encoded(self._rows("inputs", inputs, self.sizes[0]))
        return {**encoded, **self._decoded(encoded["coding"])}

    def loss_terms(self, inputs: tf.Tensor) -> Named:
        named = self.activations(inputs)
        if self.loss_name == "binary_cross_entropy":
            value = binary_cross_entropy(inputs, named["logits"])
        else:
            value = mean_squared_error(inputs, named["reconstruction"])
        return {"reconstruction": value, "total": value}

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

    def _encoded(self, x: tf.Tensor) -> Named:
        activate, last, outputs = ACTIVATIONS[self.activation], len(self.encoder) - 1, {}
        for i, layer in enumerate(self.encoder):
            outputs["coding" if i == last else f"encoder.{i}"] = x = activate(layer(x))
        return outputs

    def _decoded(self, x: tf.Tensor) -> Named:
        activate, last, outputs = ACTIVATIONS[self.activation], len(self.decoder) - 1, {}
        for i, layer in enumerate(self.decoder[:last]):
            outputs[f"decoder.{i}"] = x = activate(layer(x))
        logits = self.decoder[last](x)
        return {**outputs, "logits": logits, "reconstruction": ACTIVATIONS[self.output_activation](logits)}
