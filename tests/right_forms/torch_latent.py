"""The latent side in PyTorch: divergence from the prior, and sampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.distributions import Independent, Normal, kl_divergence

from tests.right_forms.form import by_rows, form


def _normal(m, g):
    return Normal(m, torch.exp(0.5 * g), validate_args=False)


def _prior(m):
    return Normal(torch.zeros_like(m), torch.ones_like(m))


DIVERGENCES: dict[str, Callable[[Any, Any], Any]] = {
    "as_printed": lambda m, g: -0.5 * torch.sum(1 + g - m.pow(2) - g.exp(), dim=1),
    "as_printed_rearranged": lambda m, g: 0.5 * (m.pow(2) + g.exp() - g - 1).sum(1),
    "printed_in_halves": lambda m, g: (0.5 * m**2 + 0.5 * g.exp() - 0.5 * g - 0.5).sum(-1),
    "sum_then_half": lambda m, g: -torch.sum(1 + g - m**2 - torch.exp(g), -1) / 2,
    "constant_outside": lambda m, g: 0.5 * ((m.square() + g.exp() - g).sum(1) - m.shape[1]),
    "square_of_deviation": lambda m, g: 0.5 * (m.square() + torch.exp(0.5 * g).square() - g - 1).sum(1),
    "terms_apart": lambda m, g: 0.5 * (m.square().sum(1) + g.exp().sum(1) - g.sum(1) - m.shape[1]),
    "expm1": lambda m, g: 0.5 * (m * m + (torch.expm1(g) - g)).sum(1),
    "expm1_apart": lambda m, g: 0.5 * (m.square().sum(1) + (g.expm1() - g).sum(1)),
    "einsum": lambda m, g: 0.5 * (torch.einsum("bd,bd->b", m, m) + (torch.special.expm1(g) - g).sum(1)),
    "norm": lambda m, g: 0.5 * (torch.linalg.vector_norm(m, dim=1) ** 2 + (torch.expm1(g) - g).sum(1)),
    "mean_times_width": lambda m, g: 0.5 * m.shape[1] * (m * m + torch.expm1(g) - g).mean(1),
}
for _name, _rows in DIVERGENCES.items():

    @form("vae_kl_loss", "torch", name=_name)
    def vae_kl_loss(mean, log_var, reduction="mean", rows=_rows):
        return by_rows(rows(mean, log_var), reduction)


# Through σ: in single precision e^(γ/2) is 0 for γ under −206, which is no way to the value.
THROUGH_DEVIATION: dict[str, Callable[[Any, Any], Any]] = {
    "kl_divergence": lambda m, g: kl_divergence(_normal(m, g), _prior(m)).sum(1),
    "kl_of_independent": lambda m, g: kl_divergence(Independent(_normal(m, g), 1), Independent(_prior(m), 1)),
    "logarithm_of_deviation": lambda m, g: (-torch.exp(g / 2).log() + (g.exp() + m**2) / 2 - 0.5).sum(1),
}
for _name, _rows in THROUGH_DEVIATION.items():

    @form("vae_kl_loss", "torch", ("float64",), name=_name)
    def vae_kl_loss_through_deviation(mean, log_var, reduction="mean", rows=_rows):
        return by_rows(rows(mean, log_var), reduction)


SAMPLES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "half": lambda m, g, e: m + torch.exp(0.5 * g) * e,
    "noise_first": lambda m, g, e: e * torch.exp(g / 2) + m,
    "root_of_variance": lambda m, g, e: m + g.exp().sqrt() * e,
    "addcmul": lambda m, g, e: torch.addcmul(m, (0.5 * g).exp(), e),
    "in_place": lambda m, g, e: g.mul(0.5).exp_().mul(e).add(m),
    "power_of_variance": lambda m, g, e: m + g.exp() ** 0.5 * e,
    "quotient": lambda m, g, e: m + e / torch.exp(-0.5 * g),
}
for _name, _sample in SAMPLES.items():

    @form("reparameterize", "torch", name=_name)
    def reparameterize(mean, log_var, noise, sample=_sample):
        return sample(mean, log_var, noise)


@form("reparameterize", "torch")
def stddev_of_library(mean, log_var, noise):
    return mean + _normal(mean, log_var).stddev * noise


@form("reparameterize", "torch")
def variance_of_library(mean, log_var, noise):
    return mean + _normal(mean, log_var).variance.sqrt() * noise
