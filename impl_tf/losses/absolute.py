"""Absolute error."""

from __future__ import annotations

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, one_of, same_shape_and_dtype, widened

__all__ = ["mean_absolute_error"]


def mean_absolute_error(targets: tf.Tensor, predictions: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """|t − p|, by default the mean over every element. Where a target is met the slope is 0.

    Args:
        targets: t, (B, D).
        predictions: p, of the same shape.
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar in units of the targets, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    t = floating_tensor("targets", targets, rank=2)
    p = same_shape_and_dtype("targets", t, "predictions", predictions)
    one_of("reduction", reduction, REDUCTIONS)
    error = tf.abs(widened(t) - widened(p))
    result = tf.reduce_mean(error)
    if reduction != "mean":
        per_sample = tf.reduce_sum(error, axis=1)
        result = per_sample if reduction == "none" else tf.reduce_mean(per_sample)
    return tf.cast(result, t.dtype)
