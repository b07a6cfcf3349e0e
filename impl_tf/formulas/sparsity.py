"""Penalties that keep codings sparse: Kullback-Leibler divergence of mean activities, and the L1 norm of activities."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import floating_tensor, number_between, widened

__all__ = ["kl_sparsity_loss", "l1_activity_loss"]


def kl_sparsity_loss(activations: tf.Tensor, target: float = 0.1, weight: float = 1.0, epsilon: float = 1e-7) -> tf.Tensor:
    """weight · Σ_D [p ln(p/p̂) + (1−p) ln((1−p)/(1−p̂))],  p̂ = clip(mean over the batch, ε, 1−ε).

    Args:
        activations: (B, D), each in [0, 1].
        target: p, the wanted mean activity, in (0, 1).
        weight: factor, not negative.
        epsilon: ε, in (0, 0.5).

    Returns:
        A scalar in nats: summed over units, divided by neither D nor B.

    Raises:
        ValueError: wrong rank, empty batch, or a number outside its interval.
        TypeError: not a floating-point tensor, or not a number.
    """
    tensor = floating_tensor("activations", activations, rank=2)
    target = number_between("target", target, 0.0, 1.0)
    weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
    epsilon = number_between("epsilon", epsilon, 0.0, 0.5)

    mean = tf.reduce_mean(widened(tensor), axis=0)
    dtype, precision = mean.dtype, tf.experimental.numpy.finfo(mean.dtype.as_numpy_dtype)
    # Constants of the right dtype: left to itself TensorFlow takes a Python number for float32.
    # p may round to 0 and 1 − ε to 1; the nearest numbers on the right side keep both logarithms finite.
    p = tf.constant(max(target, float(precision.tiny)), dtype)
    complement = tf.constant(1.0 - target, dtype)
    low, high = tf.constant(epsilon, dtype), tf.constant(min(1.0 - epsilon, 1.0 - float(precision.eps) / 2), dtype)
    q = tf.clip_by_value(mean, low, high)
    # |ln(p/q)| = log1p(|p − q| / min(p, q)): exact digits where q is near p, and no cancellation where it is near 0 or 1.
    distance = q - p
    active = tf.math.log1p(tf.abs(distance) / tf.minimum(q, p))
    inactive = tf.math.log1p(tf.abs(distance) / tf.minimum(1.0 - q, complement))
    # The two logarithms have opposite signs: a unit more active than p is less inactive than 1 − p.
    loss = tf.reduce_sum(tf.sign(distance) * (complement * inactive - p * active))
    return tf.cast(loss * tf.constant(weight, dtype), tensor.dtype)


def l1_activity_loss(activations: tf.Tensor, weight: float = 1e-3) -> tf.Tensor:
    """weight · Σ|a| / B.

    Args:
        activations: (B, D), any real values.
        weight: λ, not negative.

    Returns:
        A scalar: summed over units, averaged over the batch.

    Raises:
        ValueError: wrong rank, empty batch, or a negative weight.
        TypeError: not a floating-point tensor, or not a number.
    """
    tensor = floating_tensor("activations", activations, rank=2)
    weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
    a = widened(tensor)
    loss = tf.constant(weight, a.dtype) * tf.reduce_mean(tf.reduce_sum(tf.abs(a), axis=1))
    return tf.cast(loss, tensor.dtype)
