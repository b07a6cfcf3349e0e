"""Huber's loss: a parabola round zero, straight lines outside."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, number_between, one_of, same_shape_and_dtype, widened

__all__ = ["huber_loss"]


def huber_loss(targets: tf.Tensor, predictions: tf.Tensor, delta: float = 1.0, reduction: str = "mean") -> tf.Tensor:
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
    t = floating_tensor("targets", targets, rank=2)
    p = same_shape_and_dtype("targets", t, "predictions", predictions)
    delta = number_between("delta", delta, 0.0, math.inf)
    one_of("reduction", reduction, REDUCTIONS)
    error = widened(p) - widened(t)
    inside = tf.clip_by_value(error, -delta, delta)
    # Not keras.losses.Huber, which averages over the features. With the clipped error as a constant the slope is it, also at the kinks.
    per_sample = tf.reduce_sum(tf.stop_gradient(inside) * (error - 0.5 * tf.stop_gradient(inside)), axis=1)
    if reduction == "mean":
        per_sample = tf.reduce_mean(per_sample)
    elif reduction == "sum":
        per_sample = tf.reduce_sum(per_sample)
    return tf.cast(per_sample, t.dtype)
