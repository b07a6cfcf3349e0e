"""Huber's loss: a parabola round zero, straight lines outside."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional

from impl_torch.arguments import REDUCTIONS, floating_tensor, number_between, one_of, same_shape_and_dtype, widened

__all__ = ["huber_loss"]


def huber_loss(targets: Tensor, predictions: Tensor, delta: float = 1.0, reduction: str = "mean") -> Tensor:
    """½e² where |e| ≤ δ, δ(|e| − ½δ) elsewhere, summed over the features of a sample.

    Args:
        targets: t, (B, D).
        predictions: p, of the same shape.
        delta: δ > 0, where the parabola ends, in units of the targets.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in squared units of the targets, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, `delta` not positive, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("targets", targets, rank=2)
    same_shape_and_dtype("targets", targets, "predictions", predictions)
    delta = number_between("delta", delta, 0.0, math.inf)
    one_of("reduction", reduction, REDUCTIONS)
    elements = functional.huber_loss(widened(predictions), widened(targets), reduction="none", delta=delta)
    if reduction == "none":
        return elements.sum(dim=1).to(targets.dtype)
    return (elements.sum() / (len(elements) if reduction == "mean" else 1)).to(targets.dtype)
