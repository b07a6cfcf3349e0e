"""Losses of what is compared: which of two scores is higher, which of two samples is nearer."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from impl_torch.arguments import REDUCTIONS, floating_tensor, number_between, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["ranknet_loss", "triplet_margin_loss"]


def ranknet_loss(scores: Tensor, other_scores: Tensor, targets: Tensor, reduction: str = "mean") -> Tensor:
    """Σ over pairs of ln(1 + e^d) − t d, d = s − s′: cross-entropy of σ(d) with the probability that the first is to rank higher.

    Args:
        scores: s, (B, P).
        other_scores: s′, of the same shape.
        targets: t in [0, 1], of the same shape: 1 where the first is better, ½ where they are equal.
        reduction: over the batch, "mean" | "sum" | "none". The pairs of a sample are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("scores", scores, rank=2)
    same_shape_and_dtype("scores", scores, "other_scores", other_scores)
    same_shape_and_dtype("scores", scores, "targets", targets)
    one_of("reduction", reduction, REDUCTIONS)
    difference, t = widened(scores) - widened(other_scores), widened(targets)
    zero = torch.zeros_like(difference)
    elements = (1.0 - t) * torch.logaddexp(zero, difference) + t * torch.logaddexp(zero, -difference)
    return reduce_batch(elements.sum(dim=1), reduction).to(scores.dtype)


def triplet_margin_loss(
    anchors: Tensor, positives: Tensor, negatives: Tensor, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """max(0, ‖a − p‖ − ‖a − n‖ + m), with Euclidean distances. At a distance of 0 the slope is 0.

    Args:
        anchors: a, (B, D).
        positives: p, of the same shape.
        negatives: n, of the same shape.
        margin: m > 0, in units of the features.
        reduction: over the batch, "mean" | "sum" | "none".

    Returns:
        A scalar in units of the features, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes or devices, empty batch, margin not positive, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    floating_tensor("anchors", anchors, rank=2)
    same_shape_and_dtype("anchors", anchors, "positives", positives)
    same_shape_and_dtype("anchors", anchors, "negatives", negatives)
    margin = number_between("margin", margin, 0.0, math.inf)
    one_of("reduction", reduction, REDUCTIONS)
    # Not functional.triplet_margin_loss, which adds 1e-6 to every difference.
    a = widened(anchors)
    excess = _length(a - widened(positives)) - _length(a - widened(negatives)) + margin
    return reduce_batch(torch.relu(excess), reduction).to(anchors.dtype)


def _length(differences: Tensor) -> Tensor:
    """‖d‖ of every row, with slope 0 where it is 0."""
    return torch.linalg.vector_norm(differences, dim=1)
