"""Penalties of weights, added to a loss so that they stay small or few."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import floating_tensor, number_between, widened

__all__ = ["elastic_net_penalty", "l1_penalty", "l2_penalty"]


def l1_penalty(weights: tf.Tensor, strength: float = 0.01) -> tf.Tensor:
    """λ Σ|w|, which drives weights to zero. At 0 its slope is 0.

    Args:
        weights: w, (inputs, outputs).
        strength: λ ≥ 0.

    Returns:
        A scalar.

    Raises:
        ValueError: wrong rank, no weight, λ negative.
        TypeError: not a floating-point tensor.
    """
    w = floating_tensor("weights", weights, rank=2)
    strength = number_between("strength", strength, 0.0, math.inf, low_included=True)
    return tf.cast(strength * tf.reduce_sum(tf.abs(widened(w))), w.dtype)


def l2_penalty(weights: tf.Tensor, strength: float = 0.01) -> tf.Tensor:
    """λ Σw², without ½: a step of gradient descent multiplies the weights by 1 − 2ηλ.

    Args:
        weights: w, (inputs, outputs).
        strength: λ ≥ 0.

    Returns:
        A scalar.

    Raises:
        ValueError: wrong rank, no weight, λ negative.
        TypeError: not a floating-point tensor.
    """
    w = floating_tensor("weights", weights, rank=2)
    strength = number_between("strength", strength, 0.0, math.inf, low_included=True)
    return tf.cast(strength * tf.reduce_sum(tf.square(widened(w))), w.dtype)


def elastic_net_penalty(weights: tf.Tensor, l1: float = 0.01, l2: float = 0.01) -> tf.Tensor:
    """λ₁ Σ|w| + λ₂ Σw²: few weights, and small ones.

    Args:
        weights: w, (inputs, outputs).
        l1: λ₁ ≥ 0, the strength of the magnitudes.
        l2: λ₂ ≥ 0, the strength of the squares, without ½.

    Returns:
        A scalar.

    Raises:
        ValueError: wrong rank, no weight, λ₁ or λ₂ negative.
        TypeError: not a floating-point tensor.
    """
    w = floating_tensor("weights", weights, rank=2)
    l1 = number_between("l1", l1, 0.0, math.inf, low_included=True)
    l2 = number_between("l2", l2, 0.0, math.inf, low_included=True)
    wide = widened(w)
    return tf.cast(l1 * tf.reduce_sum(tf.abs(wide)) + l2 * tf.reduce_sum(tf.square(wide)), w.dtype)
