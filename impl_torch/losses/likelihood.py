"""Negative log-likelihoods of what a network says of a distribution."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from impl_torch.arguments import REDUCTIONS, floating_tensor, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["gaussian_nll_loss"]

_LN_2PI = math.log(2.0 * math.pi)


def gaussian_nll_loss(targets: Tensor, mean: Tensor, log_var: Tensor, reduction: str = "mean") -> Tensor:
    """Σ over features of ½(γ + (x − μ)² e^−γ) + ½ ln 2π: −ln of the normal density, its constant included.

    Args:
        targets: x, (B, D).
        mean: μ, of the same shape, in units of the targets.
        log_var: γ = ln σ², of the same shape.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("targets", targets, rank=2)
    same_shape_and_dtype("targets", targets, "mean", mean)
    same_shape_and_dtype("targets", targets, "log_var", log_var)
    one_of("reduction", reduction, REDUCTIONS)
    error, gamma = widened(targets) - widened(mean), widened(log_var)
    # Not functional.gaussian_nll_loss, which takes the variance and cuts it off below.
    elements = 0.5 * (gamma + error * error * torch.exp(-gamma)) + 0.5 * _LN_2PI
    return reduce_batch(elements.sum(dim=1), reduction).to(targets.dtype)
