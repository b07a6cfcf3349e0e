"""How far a reconstruction is from its input: squared error, and cross-entropy from logits."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from impl_torch.arguments import REDUCTIONS, floating_tensor, like, one_of, widened

__all__ = ["binary_cross_entropy", "mean_squared_error"]


def mean_squared_error(inputs: Tensor, reconstructions: Tensor, reduction: str = "mean") -> Tensor:
    """Σ(x − r)², by default the mean over every element.

    Args:
        inputs: x, (B, …).
        reconstructions: r, of the same shape.
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar, or (B,) for "none".

    Raises:
        ValueError: rank below 2, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("inputs", inputs, least_rank=2)
    like("inputs", inputs, "reconstructions", reconstructions)
    one_of("reduction", reduction, REDUCTIONS)
    x, r = widened(inputs), widened(reconstructions)
    if reduction == "mean":
        return functional.mse_loss(r, x).to(inputs.dtype)
    return _over_samples(functional.mse_loss(r, x, reduction="none"), reduction).to(inputs.dtype)


def binary_cross_entropy(targets: Tensor, logits: Tensor, reduction: str = "mean") -> Tensor:
    """ln(1 + e^z) − t·z of every element, from logits: finite for every finite z.

    Args:
        targets: t in [0, 1], (B, …).
        logits: z, of the same shape; the probability is sigmoid(z).
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: rank below 2, different shapes (labels are never broadcast) or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("targets", targets, least_rank=2)
    like("targets", targets, "logits", logits)
    one_of("reduction", reduction, REDUCTIONS)
    t, z = widened(targets), widened(logits)
    # Not functional.binary_cross_entropy_with_logits: its (1−t)·z − ln σ(z) cancels for z → −∞, so ln(1 + e^−40) comes out as 0.
    # s is 1 or 0, so that the terms are (1−t)·z or −t·z, and ln(1 + e^−|z|). A factor: |z| and max(z, 0) would lose the gradient at z = 0.
    s = (z >= 0).to(z.dtype)
    elements = (s - t) * z + torch.log1p(torch.exp((1.0 - 2.0 * s) * z))
    loss = elements.mean() if reduction == "mean" else _over_samples(elements, reduction)
    return loss.to(logits.dtype)


def _over_samples(elements: Tensor, reduction: str) -> Tensor:
    """The sum of every sample, (B,), or their mean."""
    if reduction == "none":
        return elements.flatten(start_dim=1).sum(dim=1)
    return elements.sum() / elements.shape[0]
