"""The latent side of a variational autoencoder. γ = log σ² throughout, never log σ."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from impl_torch.arguments import REDUCTIONS, floating_tensor, one_of, same_shape_and_dtype, widened

__all__ = ["reparameterize", "vae_kl_loss"]

# 1/16!, …, 1/2!: coefficients of (e^γ − 1 − γ) / γ², highest power first; for |γ| < ½ the rest is below the roundoff of float64.
_SERIES = tuple(1.0 / math.factorial(n) for n in range(16, 1, -1))
# How many of them leave a rest below the roundoff: in float32 the first one left out is γ¹⁰/10!, 2·10⁻⁹ of the value at most.
_TERMS = {torch.float64: len(_SERIES), torch.float32: 8}


def vae_kl_loss(mean: Tensor, log_var: Tensor, reduction: str = "mean") -> Tensor:
    """Per sample −½ Σ_D (1 + γ − μ² − e^γ) = ½ Σ_D (μ² + (e^γ − 1) − γ): the divergence of N(μ, e^γ) from N(0, 1).

    Args:
        mean: μ, (B, D).
        log_var: γ = log σ², (B, D). Not clamped: where e^γ overflows the value is +∞, never NaN.
        reduction: over the batch, "mean" | "sum" | "none". The latent axis is always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("mean", mean, rank=2)
    same_shape_and_dtype("mean", mean, "log_var", log_var)
    one_of("reduction", reduction, REDUCTIONS)
    mu = widened(mean)
    elements = mu * mu + _excess(widened(log_var))
    share = 0.5 / mean.shape[0] if reduction == "mean" else 0.5
    loss = (elements.sum(dim=1) if reduction == "none" else elements.sum()) * share
    return loss.to(mean.dtype)


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """μ + e^(γ/2) · ε: a sample of N(μ, e^γ) as a differentiable function of μ and γ.

    Args:
        mean, log_var, noise: μ, γ = log σ² and ε, each (B, D). The noise is an argument so that every framework can
            be given the same.

    Returns:
        (B, D).

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("mean", mean, rank=2)
    same_shape_and_dtype("mean", mean, "log_var", log_var)
    same_shape_and_dtype("mean", mean, "noise", noise)
    sample = widened(mean) + torch.exp(0.5 * widened(log_var)) * widened(noise)
    return sample.to(mean.dtype)


def _excess(log_var: Tensor) -> Tensor:
    """e^γ − 1 − γ, with full relative accuracy in value and slope, also at γ → 0.

    expm1 alone is not enough: autograd turns it into e^γ and subtracts 1, and `torch.compile` on CPUs writes it as exp(γ) − 1.
    """
    near = log_var.abs() < 0.5
    # Zero, not γ, where the series is not wanted: its powers would overflow, and 0 · ∞ make the gradient NaN.
    x = torch.where(near, log_var, 0.0)
    highest, second, *coefficients = _SERIES[-_TERMS[log_var.dtype] :]
    series = x * highest + second
    for coefficient in coefficients:
        series = series * x + coefficient
    return torch.where(near, x * x * series, torch.expm1(log_var) - log_var)
