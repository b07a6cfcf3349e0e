"""Absolute error."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from impl_torch.arguments import REDUCTIONS, floating_tensor, one_of, same_shape_and_dtype, widened

__all__ = ["mean_absolute_error"]


def mean_absolute_error(targets: Tensor, predictions: Tensor, reduction: str = "mean") -> Tensor:
    """|t − p|, by default the mean over every element. Where a target is met the slope is 0.

    Args:
        targets: t, (B, D).
        predictions: p, of the same shape.
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar in units of the targets, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("targets", targets, rank=2)
    same_shape_and_dtype("targets", targets, "predictions", predictions)
    one_of("reduction", reduction, REDUCTIONS)
    error = functional.l1_loss(widened(predictions), widened(targets), reduction="none")
    result = error.mean() if reduction == "mean" else error.sum(dim=1) if reduction == "none" else error.sum() / len(error)
    return result.to(targets.dtype)
