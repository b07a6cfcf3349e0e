"""Penalties that keep codings sparse: Kullback-Leibler divergence of mean activities, and the L1 norm of activities."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from impl_torch.arguments import constant, floating_tensor, number_between, widened

__all__ = ["kl_sparsity_loss", "l1_activity_loss"]


def kl_sparsity_loss(activations: Tensor, target: float = 0.1, weight: float = 1.0, epsilon: float = 1e-7) -> Tensor:
    """weight · Σ_D [p ln(p/p̂) + (1−p) ln((1−p)/(1−p̂))],  p̂ = clip(mean over the batch, ε, 1−ε).

    Args:
        activations: (B, D), each in [0, 1].
        target: p, the wanted mean activity, in (0, 1).
        weight: factor, not negative.
        epsilon: ε, in (0, 0.5).

    Returns:
        A scalar in nats: summed over units, divided by neither D nor B.

    Raises:
        ValueError: wrong rank, empty batch, or a number outside its interval.
        TypeError: not a floating-point tensor, or not a number.
    """
    floating_tensor("activations", activations, rank=2)
    target = number_between("target", target, 0.0, 1.0)
    weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
    epsilon = constant(number_between("epsilon", epsilon, 0.0, 0.5))

    mean = widened(activations).mean(dim=0)
    unit = torch.finfo(mean.dtype).eps / 2
    # 1 − ε may round to 1; the number below keeps the logarithm finite.
    q = mean.clamp(epsilon, min(1.0 - epsilon, 1.0 - unit))
    # p/q and (1−p)/(1−q) as 1 plus a relative distance: exact digits where q is near p, no cancellation where it is near 0 or 1.
    # A ratio that vanishes beside 1 is kept from becoming 0; its term is p · ln(p/q) → 0.
    # Target and weight meet tensors in + − × ÷ only: torch.compile keeps them symbolic, and PyTorch 2.13 then answers with the
    # number of an earlier call where they are the limit of a clamp.
    active = torch.log1p(((target - q) / q).clamp(min=unit - 1.0))
    inactive = torch.log1p(((q - target) / (1.0 - q)).clamp(min=unit - 1.0))
    loss = (target * active + (1.0 - target) * inactive).sum() * weight
    return loss.to(activations.dtype)


def l1_activity_loss(activations: Tensor, weight: float = 1e-3) -> Tensor:
    """weight · Σ|a| / B.

    Args:
        activations: (B, D), any real values.
        weight: λ, not negative.

    Returns:
        A scalar: summed over units, averaged over the batch.

    Raises:
        ValueError: wrong rank, empty batch, or a negative weight.
        TypeError: not a floating-point tensor, or not a number.
    """
    floating_tensor("activations", activations, rank=2)
    weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
    loss = widened(activations).abs().sum() * (weight / activations.shape[0])
    return loss.to(activations.dtype)
