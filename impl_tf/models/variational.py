"""The variational autoencoder: a Gaussian for every input, a sample of it, and a decoder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import (
    floating_policy,
    floating_tensor,
    layer_sizes,
    number_between,
    one_of,
    same_shape_and_dtype,
    whole_number,
)
from impl_tf.formulas.variational import reparameterize, vae_kl_loss
from impl_tf.layers import perceptron
from impl_tf.layers.activations import ACTIVATIONS
from impl_tf.layers.dense import dense
from impl_tf.models.autoencoder import checked_loss, layer_parameters, layer_seeds, reconstruction_loss
from impl_tf.models.model import Model, Named

__all__ = ["VariationalAutoencoder"]


@keras.saving.register_keras_serializable(package="impl_tf")
class VariationalAutoencoder(Model):
    """Variational autoencoder, by default 784→150→100→(μ, γ of 10)→100→150→784 with linear heads.

    Called in training it decodes a sample, otherwise the mean.

    Args:
        sizes: widths from the input to the last hidden layer of the encoder; the decoder mirrors them.
        latent: dimensions of μ and γ = log σ².
        beta: weight of the KL term, not negative.
        activation: of the hidden layers.
        output_activation, loss, dtype, name: as in `StackedAutoencoder`, but the reconstruction is summed over features.
        seed: of the initial weights, and of the noise that is drawn where none is given.

    Batch: `inputs` (B, sizes[0]) and `noise` (B, latent), standard normal, an argument so that every framework can be given the
    same. At inference there is no noise: the mean is decoded.

    Activations: encoder.0, …, mean, log_var, coding, decoder.0, …, logits, reconstruction. Loss terms: reconstruction, latent
    (β · KL), total; means over the batch.

    Raises:
        ValueError: as in `StackedAutoencoder`; a negative beta, noise of another shape.
        TypeError: as in `StackedAutoencoder`; a beta that is no number, noise of another dtype.

    Source: Kingma & Welling 2014; β of Higgins et al. 2017.
    """

    noise_names = ("noise",)
    penalty_names = ("latent",)

    def __init__(
        self,
        sizes: Sequence[int] = (784, 150, 100),
        latent: int = 10,
        beta: float = 1.0,
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
        self.latent = whole_number("latent", latent, least=1)
        self.beta = number_between("beta", beta, 0.0, math.inf, low_included=True)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.loss_name = checked_loss(loss, output_activation)
        self.output_activation = output_activation
        count, policy = len(self.sizes) - 1, self.dtype_policy
        seeds = layer_seeds(seed, count + 2 + count + 1)
        of_encoder, of_mean, of_log_var, of_decoder = seeds[:count], seeds[count], seeds[count + 1], seeds[count + 2 :]
        self.seed = seed
        self.encoder = perceptron.dense_layers("encoder", self.sizes, of_encoder, policy)
        self.mean_head = dense(self.sizes[-1], self.latent, of_mean, "mean", policy)
        self.log_var_head = dense(self.sizes[-1], self.latent, of_log_var, "log_var", policy)
        self.decoder = perceptron.dense_layers("decoder", (self.latent, *self.sizes[::-1]), of_decoder, policy)
        self.noise_generator = keras.random.SeedGenerator(seed)
        self.build()

    def parameter_table(self) -> dict[str, keras.Variable]:
        layers = {
            **{f"encoder.{i}": layer for i, layer in enumerate(self.encoder)},
            "mean": self.mean_head,
            "log_var": self.log_var_head,
            **{f"decoder.{i}": layer for i, layer in enumerate(self.decoder)},
        }
        return {name: variable for prefix, layer in layers.items() for name, variable in layer_parameters(prefix, layer).items()}

    def encode(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """μ and γ, each (B, latent)."""
        named = self._encoded(self._rows("inputs", inputs, self.sizes[0]))
        return named["mean"], named["log_var"]

    def sample(self, mean: tf.Tensor, log_var: tf.Tensor, noise: tf.Tensor | None = None) -> tf.Tensor:
        """μ + e^(γ/2) · noise, (B, latent); standard normal noise is drawn if none is given."""
        if noise is None:
            noise = self._drawn(floating_tensor("mean", mean, rank=2))
        return reparameterize(mean, log_var, noise)

    def decode(self, codings: tf.Tensor) -> tf.Tensor:
        """Reconstructions, (B, sizes[0])."""
        return self._decoded(self._rows("codings", codings, self.latent))["reconstruction"]

    def generate(self, noise: tf.Tensor) -> tf.Tensor:
        """New samples: decoded draws from the prior, for `noise` (B, latent), standard normal."""
        return self.decode(noise)

    def interpolate(self, first: tf.Tensor, second: tf.Tensor, steps: int) -> tf.Tensor:
        """Decoded points on the line between the means of two batches: (steps, B, sizes[0]), ends included."""
        whole_number("steps", steps, least=2)
        begin = self._rows("first", first, self.sizes[0])
        start, end = self.encode(begin)[0], self.encode(same_shape_and_dtype("first", begin, "second", second))[0]
        places = tf.constant(np.linspace(0.0, 1.0, steps), start.dtype)
        return tf.stack([self.decode(start + place * (end - start)) for place in tf.unstack(places)])

    def activations(self, inputs: tf.Tensor, noise: tf.Tensor) -> Named:
        encoded = self._encoded(self._rows("inputs", inputs, self.sizes[0]))
        epsilon = self._rows("noise", noise, self.latent)
        coding = reparameterize(encoded["mean"], encoded["log_var"], epsilon)
        return {**encoded, "coding": coding, **self._decoded(coding)}

    def inference(self, inputs: tf.Tensor, noise: Any = None) -> Named:
        """The decoded mean; noise is left out."""
        return {"reconstruction": self.decode(self.encode(inputs)[0])}

    def loss_terms(self, inputs: tf.Tensor, noise: tf.Tensor) -> Named:
        named = self.activations(inputs, noise)
        return self._terms(self._rows("inputs", inputs, self.sizes[0]), named)

    def get_config(self) -> dict[str, Any]:
        return {
            "sizes": list(self.sizes),
            "latent": self.latent,
            "beta": self.beta,
            "activation": self.activation,
            "output_activation": self.output_activation,
            "loss": self.loss_name,
            "seed": self.seed,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "name": self.name,
        }

    def _widths(self) -> Mapping[str, int]:
        return {"inputs": self.sizes[0], "noise": self.latent}

    def _terms(self, targets: tf.Tensor, named: Named) -> Named:
        reconstruction = reconstruction_loss(self.loss_name, targets, named, "sum")
        divergence = vae_kl_loss(named["mean"], named["log_var"])
        latent = tf.constant(self.beta, divergence.dtype) * divergence
        return {"reconstruction": reconstruction, "latent": latent, "total": reconstruction + latent}

    def _noiseless_loss_terms(self, batch: Named) -> Named:
        x = self._rows("inputs", batch["inputs"], self.sizes[0])
        encoded = self._encoded(x)
        return self._terms(x, {**encoded, "coding": encoded["mean"], **self._decoded(encoded["mean"])})

    def _with_noise(self, batch: Named) -> Named:
        if "noise" in batch:
            return batch
        return {**batch, "noise": self._drawn(batch["inputs"])}

    def _drawn(self, rows: tf.Tensor) -> tf.Tensor:
        """Standard normal noise, a row for every row."""
        return keras.random.normal((tf.shape(rows)[0], self.latent), dtype=rows.dtype.name, seed=self.noise_generator)

    def _encoded(self, x: tf.Tensor) -> Named:
        last = f"encoder.{len(self.encoder) - 1}"
        outputs = perceptron.encoded(self.encoder, self.activation, self.activation, x, last_name=last)
        return {**outputs, "mean": self.mean_head(outputs[last]), "log_var": self.log_var_head(outputs[last])}

    def _decoded(self, x: tf.Tensor) -> Named:
        return perceptron.decoded(self.decoder, self.activation, self.output_activation, x)
