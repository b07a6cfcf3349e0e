"""The variational autoencoder: a Gaussian for every input, a sample of it, and a decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from reference.arguments import layer_sizes, number_between, one_of, same_shape_and_dtype, unit_interval, whole_number
from reference.domains import Choice, Domain, Length, Number, Reals, Whole, Widths
from reference.formulas.variational import reparameterize, reparameterize_vjp, vae_kl_loss, vae_kl_loss_vjp
from reference.layers import perceptron
from reference.layers.activations import ACTIVATIONS
from reference.layers.dense import dense, dense_vjp
from reference.layers.perceptron import DenseLayer
from reference.models.autoencoder import (
    LOSSES,
    checked_loss,
    decoder_layers,
    encoder_layers,
    reconstruction_loss,
    reconstruction_vjp,
    rows,
)
from reference.models.model import Model, Named
from reference.specification import Array, OfImages, specify

_HEADS = ("mean", "log_var")


@specify(
    kind="model",
    equation="(μ, γ) = heads(encoder(x)); z = μ + e^(γ/2)·ε; loss(x, decoder(z)) summed over features + β · KL",
    source="000 §5",
    inputs={
        "sizes": Widths(2, 3),
        "latent": Length(1, 8),
        "beta": Number(0.0, 4.0, default=1.0, edges=(0.0, 0.5)),
        "activation": Choice(("relu", "sigmoid", "tanh")),
        "output_activation": Choice(("sigmoid", "linear")),
        "loss": Choice(LOSSES),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"sizes": (features, 32), "latent": 6}),
    stand_in="a plain model draws its noise itself and shows neither mean nor log_var",
)
class VariationalAutoencoder(Model):
    """Variational autoencoder, by default 784→150→100→(μ, γ of 10)→100→150→784 with linear heads.

    Args:
        sizes: widths from the input to the last hidden layer of the encoder; the decoder mirrors them.
        latent: dimensions of μ and γ = log σ².
        beta: weight of the KL term, not negative.
        activation: of the hidden layers.
        output_activation, loss, seed: as in `StackedAutoencoder`, but the reconstruction is summed over features.

    Batch: `inputs` (B, sizes[0]) and `noise` (B, latent), standard normal, an argument so that every framework can be given the
    same. At inference there is no noise: the mean is decoded.

    Activations: encoder.0, …, mean, log_var, coding, decoder.0, …, logits, reconstruction. Loss terms: reconstruction, latent
    (β · KL), total; means over the batch.

    Raises:
        ValueError: as in `StackedAutoencoder`; a negative beta.

    Source: lecture notes 000 §5; Kingma & Welling 2014; β of Higgins et al. 2017.

    >>> VariationalAutoencoder((4, 3), latent=2).parameter_count
    56
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 150, 100),
        latent: int = 10,
        beta: float = 1.0,
        activation: str = "relu",
        output_activation: str = "sigmoid",
        loss: str = "mean_squared_error",
        seed: int = 0,
    ) -> None:
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.latent = whole_number("latent", latent, 1)
        self.beta = number_between("beta", beta, 0.0, math.inf, low_included=True)
        one_of("activation", activation, ACTIVATIONS)
        self.loss = checked_loss(loss, output_activation)
        self.output_activation = output_activation
        last = f"encoder.{len(self.sizes) - 2}"
        self.encoder = encoder_layers(self.sizes, activation, activation, last_output=last)
        self.heads = [DenseLayer(name, self.sizes[-1], self.latent, "linear", name) for name in _HEADS]
        self.decoder = decoder_layers((*self.sizes, self.latent), activation, output_activation)
        self._layers = (*self.encoder, *self.heads, *self.decoder)
        self.weights = perceptron.initial_weights(self._layers, np.random.default_rng(whole_number("seed", seed, 0)))

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return perceptron.parameter_shapes(self._layers)

    def batch_domains(self) -> dict[str, Domain]:
        return {
            "inputs": Reals(("batch", self.sizes[0]), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0)),
            "noise": Reals(("batch", self.latent), -8.0, 8.0, typical=(-3.0, 3.0), edges=(0.0,)),
        }

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        inputs, noise = self.batch_domains().values()
        moments = Reals(("batch", self.latent), -4.0, 4.0, typical=(-2.0, 2.0))
        return {
            "encode": {"inputs": inputs},
            "sample": {"mean": moments, "log_var": moments, "noise": noise},
            "decode": {"codings": noise},
            "generate": {"noise": noise},
            "interpolate": {"first": inputs, "second": inputs, "steps": Whole(2, 5)},
        }

    def encode(self, inputs: Any) -> tuple[Array, Array]:
        """μ and γ, each (B, latent)."""
        named = self._encoded(self._inputs(inputs))
        return named["mean"], named["log_var"]

    def sample(self, mean: Any, log_var: Any, noise: Any = None) -> Array:
        """μ + e^(γ/2) · noise, (B, latent); without `noise` it is drawn from the standard normal."""
        return reparameterize(mean, log_var, np.random.default_rng().standard_normal(np.shape(mean)) if noise is None else noise)

    def decode(self, codings: Any) -> Array:
        """Reconstructions, (B, sizes[0])."""
        return self._decoded(rows("codings", codings, self.latent))["reconstruction"]

    def generate(self, noise: Any) -> Array:
        """New samples: decoded draws from the prior, for `noise` (B, latent), standard normal."""
        return self.decode(noise)

    def interpolate(self, first: Any, second: Any, steps: int) -> Array:
        """Decoded points on the line between the means of two batches: (steps, B, sizes[0]), ends included."""
        whole_number("steps", steps, 2)
        same_shape_and_dtype("first", first, "second", second)
        start, end = self.encode(first)[0], self.encode(second)[0]
        return np.stack([self.decode(start + t * (end - start)) for t in np.linspace(0.0, 1.0, steps)])

    def activations(self, inputs: Any, noise: Any) -> Named:
        encoded = self._encoded(self._inputs(inputs))
        coding = self.sample(encoded["mean"], encoded["log_var"], rows("noise", noise, self.latent))
        return {**encoded, "coding": coding, **self._decoded(coding)}

    def inference(self, inputs: Any, noise: Any = None) -> Named:
        """The decoded mean; noise is left out."""
        return {"reconstruction": self.decode(self.encode(inputs)[0])}

    def loss_terms(self, inputs: Any, noise: Any) -> Named:
        named = self.activations(inputs, noise)
        reconstruction = reconstruction_loss(self.loss, self._inputs(inputs), named, "sum")
        latent = self.beta * vae_kl_loss(named["mean"], named["log_var"])
        return {"reconstruction": reconstruction, "latent": latent, "total": reconstruction + latent}

    def gradients(self, inputs: Any, noise: Any) -> Named:
        x, named = self._inputs(inputs), self.activations(inputs, noise)
        z_bar = reconstruction_vjp(self.loss, x, named, self.output_activation, "sum")
        gradients, coding_bar = perceptron.backward(self.decoder, self.weights, named["coding"], named, z_bar)
        through_sample = reparameterize_vjp(coding_bar, named["mean"], named["log_var"], np.asarray(noise, dtype=np.float64))
        through_kl = vae_kl_loss_vjp(np.asarray(self.beta), named["mean"], named["log_var"])
        last = self.encoder[-1]
        hidden_bar = np.zeros(())
        for head in self.heads:
            head_bar = through_sample[head.name] + through_kl[head.name]
            below, gradients[head.weight], gradients[head.bias] = dense_vjp(head_bar, named[last.output], self.weights[head.weight])
            hidden_bar = hidden_bar + below
        z_bar = hidden_bar * ACTIVATIONS[last.activation].slope(named[last.output])
        gradients |= perceptron.backward(self.encoder, self.weights, x, named, z_bar)[0]
        return {name: gradients[name] for name in self.weights}

    def _encoded(self, inputs: Array) -> Named:
        outputs, _ = perceptron.forward(self.encoder, self.weights, inputs)
        hidden = outputs[self.encoder[-1].output]
        return {**outputs, **{head.name: dense(hidden, self.weights[head.weight], self.weights[head.bias]) for head in self.heads}}

    def _decoded(self, codings: Array) -> Named:
        outputs, logits = perceptron.forward(self.decoder, self.weights, codings)
        reconstruction = outputs.pop("reconstruction")
        return {**outputs, "logits": logits, "reconstruction": reconstruction}

    def _inputs(self, inputs: Any) -> Array:
        array = rows("inputs", inputs, self.sizes[0])
        return unit_interval("inputs", array) if self.loss == "binary_cross_entropy" else array
