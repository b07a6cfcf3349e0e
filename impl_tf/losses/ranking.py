"""Losses of what is compared: which of two scores is higher, which of two samples is nearer."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, number_between, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["ranknet_loss", "triplet_margin_loss"]


def ranknet_loss(scores: tf.Tensor, other_scores: tf.Tensor, targets: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """Σ over pairs of ln(1 + e^d) − t d, d = s − s′: cross-entropy of σ(d) with the probability that the first is to rank higher.

    Args:
        scores: s, (B, P).
        other_scores: s′, of the same shape.
        targets: t in [0, 1], of the same shape: 1 where the first is better, ½ where they are equal.
        reduction: over the batch, "mean" | "sum" | "none". The pairs of a sample are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    s = floating_tensor("scores", scores, rank=2)
    other = same_shape_and_dtype("scores", s, "other_scores", other_scores)
    t = widened(same_shape_and_dtype("scores", s, "targets", targets))
    one_of("reduction", reduction, REDUCTIONS)
    difference = widened(s) - widened(other)
    elements = (1.0 - t) * tf.nn.softplus(difference) + t * tf.nn.softplus(-difference)
    return tf.cast(reduce_batch(tf.reduce_sum(elements, axis=1), reduction), s.dtype)


def triplet_margin_loss(
    anchors: tf.Tensor, positives: tf.Tensor, negatives: tf.Tensor, margin: float = 1.0, reduction: str = "mean"
) -> tf.Tensor:
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
        ValueError: wrong rank, different shapes, empty batch, margin not positive, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    a = floating_tensor("anchors", anchors, rank=2)
    p = same_shape_and_dtype("anchors", a, "positives", positives)
    n = same_shape_and_dtype("anchors", a, "negatives", negatives)
    margin = number_between("margin", margin, 0.0, math.inf)
    one_of("reduction", reduction, REDUCTIONS)
    excess = _length(widened(a) - widened(p)) - _length(widened(a) - widened(n)) + margin
    return tf.cast(reduce_batch(tf.nn.relu(excess), reduction), a.dtype)


def _length(differences: tf.Tensor) -> tf.Tensor:
    """‖d‖ of every row. tf.norm has no number for its slope at 0."""
    squared = tf.reduce_sum(differences * differences, axis=1)
    apart = squared > 0.0
    return tf.where(apart, tf.sqrt(tf.where(apart, squared, tf.ones_like(squared))), tf.zeros_like(squared))
