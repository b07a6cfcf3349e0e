"""Losses of logits for a probability: squared error of the sigmoid, and cross-entropy that looks away from what is easy."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, number_between, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["focal_loss", "sigmoid_squared_error"]


def sigmoid_squared_error(targets: tf.Tensor, logits: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """Σ over features of ½(y − t)², y = σ(z). Its gradient (y − t) y (1 − y) vanishes where the output saturates, right or wrong.

    Args:
        targets: t in [0, 1], (B, D).
        logits: z, of the same shape.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    t = floating_tensor("targets", targets, rank=2)
    z = same_shape_and_dtype("targets", t, "logits", logits)
    one_of("reduction", reduction, REDUCTIONS)
    error = tf.sigmoid(widened(z)) - widened(t)
    return tf.cast(reduce_batch(0.5 * tf.reduce_sum(error * error, axis=1), reduction), t.dtype)


def focal_loss(
    targets: tf.Tensor, logits: tf.Tensor, gamma: float = 2.0, alpha: float = 0.25, reduction: str = "mean"
) -> tf.Tensor:
    """−Σ over features of α_t (1 − p_t)^γ ln p_t with p_t = σ(±z): cross-entropy, less the more the right class is believed.

    Args:
        targets: t, zeros and ones, (B, D).
        logits: z, of the same shape.
        gamma: γ ≥ 0; 0 is the weighted cross-entropy.
        alpha: α in (0, 1), the weight of the ones.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, γ or α outside their range, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    t = floating_tensor("targets", targets, rank=2)
    z = same_shape_and_dtype("targets", t, "logits", logits)
    gamma = number_between("gamma", gamma, 0.0, math.inf, low_included=True)
    alpha = number_between("alpha", alpha, 0.0, 1.0)
    one_of("reduction", reduction, REDUCTIONS)
    wide = widened(t)
    towards = (2.0 * wide - 1.0) * widened(z)
    # (1 − p)^γ as an exponential: nothing that has become 0 is raised to a power.
    believed = tf.exp(-gamma * tf.nn.softplus(towards))
    elements = (alpha * wide + (1.0 - alpha) * (1.0 - wide)) * believed * tf.nn.softplus(-towards)
    return tf.cast(reduce_batch(tf.reduce_sum(elements, axis=1), reduction), t.dtype)
