"""Losses of directions."""

from __future__ import annotations

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["cosine_similarity_loss"]


def cosine_similarity_loss(inputs: tf.Tensor, others: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """1 − x·y / (‖x‖ ‖y‖) of every row. Where a vector is zero there is no angle: cosine and slope are 0.

    Args:
        inputs: x, (B, D).
        others: y, of the same shape.
        reduction: over the batch, "mean" | "sum" | "none".

    Returns:
        A scalar between 0 and 2 for "mean", or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    first = floating_tensor("inputs", inputs, rank=2)
    second = same_shape_and_dtype("inputs", first, "others", others)
    one_of("reduction", reduction, REDUCTIONS)
    x, y = widened(first), widened(second)
    squares, other_squares = tf.reduce_sum(x * x, axis=1), tf.reduce_sum(y * y, axis=1)
    have_angle = tf.logical_and(squares > 0.0, other_squares > 0.0)
    one = tf.ones_like(squares)
    lengths = tf.sqrt(tf.where(have_angle, squares, one)) * tf.sqrt(tf.where(have_angle, other_squares, one))
    cosine = tf.where(have_angle, tf.reduce_sum(x * y, axis=1) / lengths, tf.zeros_like(squares))
    return tf.cast(reduce_batch(1.0 - cosine, reduction), first.dtype)
