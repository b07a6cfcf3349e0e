"""Losses of logits for a probability: squared error of the sigmoid, and cross-entropy that looks away from what is easy."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from impl_torch.arguments import REDUCTIONS, floating_tensor, number_between, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["focal_loss", "sigmoid_squared_error"]


def sigmoid_squared_error(targets: Tensor, logits: Tensor, reduction: str = "mean") -> Tensor:
    """Σ over features of ½(y − t)², y = σ(z). Its gradient (y − t) y (1 − y) vanishes where the output saturates, right or wrong.

    Args:
        targets: t in [0, 1], (B, D).
        logits: z, of the same shape.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("targets", targets, rank=2)
    same_shape_and_dtype("targets", targets, "logits", logits)
    one_of("reduction", reduction, REDUCTIONS)
    error = torch.sigmoid(widened(logits)) - widened(targets)
    return reduce_batch(0.5 * (error * error).sum(dim=1), reduction).to(targets.dtype)


def focal_loss(targets: Tensor, logits: Tensor, gamma: float = 2.0, alpha: float = 0.25, reduction: str = "mean") -> Tensor:
    """−Σ over features of α_t (1 − p_t)^γ ln p_t with p_t = σ(±z): cross-entropy, less the more the right class is believed.

    Args:
        targets: t, zeros and ones, (B, D).
        logits: z, of the same shape.
        gamma: γ ≥ 0; 0 is the weighted cross-entropy.
        alpha: α in (0, 1), the weight of the ones.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, γ or α outside their range, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("targets", targets, rank=2)
    same_shape_and_dtype("targets", targets, "logits", logits)
    gamma = number_between("gamma", gamma, 0.0, math.inf, low_included=True)
    alpha = number_between("alpha", alpha, 0.0, 1.0)
    one_of("reduction", reduction, REDUCTIONS)
    t = widened(targets)
    towards = (2.0 * t - 1.0) * widened(logits)
    zero = torch.zeros_like(towards)
    # Not functional.softplus, which is linear past 20. (1 − p)^γ as an exponential: nothing that has become 0 is raised to a power.
    believed = torch.exp(-gamma * torch.logaddexp(zero, towards))
    elements = (alpha * t + (1.0 - alpha) * (1.0 - t)) * believed * torch.logaddexp(zero, -towards)
    return reduce_batch(elements.sum(dim=1), reduction).to(targets.dtype)
