"""The variational autoencoder: a Gaussian for every input, a sample of it, and a decoder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from impl_torch.arguments import layer_sizes, number_between, one_of, same_shape_and_dtype, whole_number
from impl_torch.formulas.variational import reparameterize, vae_kl_loss
from impl_torch.layers import perceptron
from impl_torch.layers.activations import ACTIVATIONS
from impl_torch.layers.dense import dense
from impl_torch.models.autoencoder import checked_loss, reconstruction_loss
from impl_torch.models.model import Model, Named, generator

__all__ = ["VariationalAutoencoder"]


class VariationalAutoencoder(Model):
    """Variational autoencoder, by default 784→150→100→(μ, γ of 10)→100→150→784 with linear heads.

    Args:
        sizes: widths from the input to the last hidden layer of the encoder; the decoder mirrors them.
        latent: dimensions of μ and γ = log σ².
        beta: weight of the KL term, not negative.
        activation: of the hidden layers.
        output_activation, loss, seed, dtype, device: as in `StackedAutoencoder`, but the reconstruction is summed over features.

    Batch: `inputs` (B, sizes[0]) and `noise` (B, latent), standard normal, an argument so that every framework can be given the
    same. Left out, it is drawn from PyTorch's global generator in training mode, and in evaluation mode there is none: the mean
    is decoded. So it is in `forward`; `inference` decodes the mean in either mode.

    Activations: encoder.0, …, mean, log_var, coding, decoder.0, …, logits, reconstruction. Loss terms: reconstruction, latent
    (β · KL), total; means over the batch.

    Raises:
        ValueError, TypeError: as in `StackedAutoencoder`; a negative beta, noise of another shape than (B, latent).

    Source: lecture notes 000 §5; Kingma & Welling 2014; β of Higgins et al. 2017.
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
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.sizes = layer_sizes("sizes", sizes, least=2)
        self.latent = whole_number("latent", latent, least=1)
        self.beta = number_between("beta", beta, 0.0, math.inf, low_included=True)
        self.activation = one_of("activation", activation, ACTIVATIONS)
        self.loss = checked_loss(loss, output_activation)
        self.output_activation = output_activation
        source = generator(seed, dtype)
        self.encoder = perceptron.dense_layers(self.sizes, source, dtype, device)
        self.mean = dense(self.sizes[-1], self.latent, source, dtype, device)
        self.log_var = dense(self.sizes[-1], self.latent, source, dtype, device)
        self.decoder = perceptron.dense_layers((self.latent, *self.sizes[::-1]), source, dtype, device)

    def forward(self, inputs: Tensor) -> Tensor:
        """The reconstructions, (B, sizes[0]), of a sample in training mode, of the mean in evaluation mode."""
        return self.activations(inputs)["reconstruction"]

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """μ and γ, each (B, latent)."""
        self._rows("inputs", inputs, self.sizes[0])
        named = self._encoded(inputs)
        return named["mean"], named["log_var"]

    def sample(self, mean: Tensor, log_var: Tensor, noise: Tensor | None = None) -> Tensor:
        """μ + e^(γ/2) · noise, (B, latent); noise that is not given is drawn."""
        self._rows("mean", mean, self.latent)
        return reparameterize(mean, log_var, torch.randn_like(mean) if noise is None else noise)

    def decode(self, codings: Tensor) -> Tensor:
        """Reconstructions, (B, sizes[0])."""
        self._rows("codings", codings, self.latent)
        return self._decoded(codings)["reconstruction"]

    def generate(self, noise: Tensor) -> Tensor:
        """New samples: decoded draws from the prior, for `noise` (B, latent), standard normal."""
        self._rows("noise", noise, self.latent)
        return self._decoded(noise)["reconstruction"]

    def interpolate(self, first: Tensor, second: Tensor, steps: int) -> Tensor:
        """Decoded points on the line between the means of two batches: (steps, B, sizes[0]), ends included."""
        steps = whole_number("steps", steps, least=2)
        self._rows("first", first, self.sizes[0])
        same_shape_and_dtype("first", first, "second", second)
        start, end = self.encode(first)[0], self.encode(second)[0]
        return torch.stack([self.decode(start + (i / (steps - 1)) * (end - start)) for i in range(steps)])

    def activations(self, inputs: Tensor, noise: Tensor | None = None) -> Named:
        self._rows("inputs", inputs, self.sizes[0])
        encoded = self._encoded(inputs)
        is_sampled = noise is not None or self.training
        coding = self.sample(encoded["mean"], encoded["log_var"], noise) if is_sampled else encoded["mean"]
        return {**encoded, "coding": coding, **self._decoded(coding)}

    def inference(self, inputs: Tensor, noise: Tensor | None = None) -> Named:
        """The decoded mean; noise is left out."""
        return {"reconstruction": self.decode(self.encode(inputs)[0])}

    def loss_terms(self, inputs: Tensor, noise: Tensor | None = None) -> Named:
        return self._terms(inputs, self.activations(inputs, noise))

    def _terms(self, inputs: Tensor, named: Named) -> Named:
        reconstruction = reconstruction_loss(self.loss, inputs, named, "sum")
        latent = self.beta * vae_kl_loss(named["mean"], named["log_var"])
        return {"reconstruction": reconstruction, "latent": latent, "total": reconstruction + latent}

    def _encoded(self, x: Tensor) -> Named:
        last = f"encoder.{len(self.encoder) - 1}"
        outputs = perceptron.encoded(self.encoder, self.activation, self.activation, x, last_name=last)
        return {**outputs, "mean": self.mean(outputs[last]), "log_var": self.log_var(outputs[last])}

    def _decoded(self, x: Tensor) -> Named:
        return perceptron.decoded(self.decoder, self.activation, self.output_activation, x)
