"""Negative log-likelihoods of what a network says of a distribution."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, one_of, reduce_batch, same_shape_and_dtype, widened

__all__ = ["gaussian_nll_loss"]

_LN_2PI = math.log(2.0 * math.pi)


def gaussian_nll_loss(targets: tf.Tensor, mean: tf.Tensor, log_var: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """Σ over features of ½(γ + (x − μ)² e^−γ) + ½ ln 2π: −ln of the normal density, its constant included.

    Args:
        targets: x, (B, D).
        mean: μ, of the same shape, in units of the targets.
        log_var: γ = ln σ², of the same shape.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    x = floating_tensor("targets", targets, rank=2)
    mu = same_shape_and_dtype("targets", x, "mean", mean)
    gamma = widened(same_shape_and_dtype("targets", x, "log_var", log_var))
    one_of("reduction", reduction, REDUCTIONS)
    elements = 0.5 * (gamma + tf.math.squared_difference(widened(x), widened(mu)) * tf.exp(-gamma)) + 0.5 * _LN_2PI
    return tf.cast(reduce_batch(tf.reduce_sum(elements, axis=1), reduction), x.dtype)
