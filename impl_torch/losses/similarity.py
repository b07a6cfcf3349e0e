"""Losses of directions."""

from __future__ import annotations

import torch
from torch import Tensor

from impl_torch.arguments import REDUCTIONS, floating_tensor, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["cosine_similarity_loss"]


def cosine_similarity_loss(inputs: Tensor, others: Tensor, reduction: str = "mean") -> Tensor:
    """1 − x·y / (‖x‖ ‖y‖) of every row. Where a vector is zero there is no angle: cosine and slope are 0.

    Args:
        inputs: x, (B, D).
        others: y, of the same shape.
        reduction: over the batch, "mean" | "sum" | "none".

    Returns:
        A scalar between 0 and 2 for "mean", or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("inputs", inputs, rank=2)
    same_shape_and_dtype("inputs", inputs, "others", others)
    one_of("reduction", reduction, REDUCTIONS)
    x, y = widened(inputs), widened(others)
    # Not functional.cosine_similarity, which holds short vectors to a length of 1e-8.
    squares, other_squares = (x * x).sum(dim=1), (y * y).sum(dim=1)
    have_angle = (squares > 0.0) & (other_squares > 0.0)
    one = torch.ones_like(squares)
    lengths = torch.sqrt(torch.where(have_angle, squares, one)) * torch.sqrt(torch.where(have_angle, other_squares, one))
    cosine = torch.where(have_angle, (x * y).sum(dim=1) / lengths, torch.zeros_like(squares))
    return reduce_batch(1.0 - cosine, reduction).to(inputs.dtype)
