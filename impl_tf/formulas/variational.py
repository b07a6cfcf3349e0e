"""The latent side of a variational autoencoder. γ = log σ² throughout, never log σ."""

from __future__ import annotations

import math

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, one_of, same_shape_and_dtype, widened

__all__ = ["reparameterize", "vae_kl_loss"]


def vae_kl_loss(mean: tf.Tensor, log_var: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """Per sample −½ Σ_D (1 + γ − μ² − e^γ) = ½ Σ_D (μ² + (e^γ − 1) − γ): the divergence of N(μ, e^γ) from N(0, 1).

    Args:
        mean: μ, (B, D).
        log_var: γ = log σ², (B, D). Not clamped: where e^γ overflows the value is +∞, never NaN.
        reduction: over the batch, "mean" | "sum" | "none". The latent axis is always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    mu = floating_tensor("mean", mean, rank=2)
    gamma = same_shape_and_dtype("mean", mu, "log_var", log_var)
    one_of("reduction", reduction, REDUCTIONS)
    per_sample = 0.5 * tf.reduce_sum(tf.square(widened(mu)) + _excess(widened(gamma)), axis=1)
    if reduction == "mean":
        per_sample = tf.reduce_mean(per_sample)
    elif reduction == "sum":
        per_sample = tf.reduce_sum(per_sample)
    return tf.cast(per_sample, mu.dtype)


def reparameterize(mean: tf.Tensor, log_var: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """μ + e^(γ/2) · ε: a sample of N(μ, e^γ) as a differentiable function of μ and γ.

    Args:
        mean, log_var, noise: μ, γ = log σ² and ε, each (B, D). The noise is an argument so that every framework can
            be given the same.

    Returns:
        (B, D).

    Raises:
        ValueError: wrong rank, different shapes, empty batch.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    mu = floating_tensor("mean", mean, rank=2)
    gamma = same_shape_and_dtype("mean", mu, "log_var", log_var)
    epsilon = same_shape_and_dtype("mean", mu, "noise", noise)
    sample = widened(mu) + tf.exp(0.5 * widened(gamma)) * widened(epsilon)
    return tf.cast(sample, mu.dtype)


def _excess(gamma: tf.Tensor) -> tf.Tensor:
    """e^γ − 1 − γ, with full relative accuracy in value and slope, also at γ → 0.

    expm1 alone is not enough: its slope is taken as e^γ, from which the −γ then subtracts 1. For |γ| < ½ the series
    γ²/2! + γ³/3! + … does better; after γ¹⁶/16! the rest is below the roundoff of float64.
    """
    near = tf.abs(gamma) < 0.5
    # Zero, not γ, where the series is not wanted: its powers would overflow, and 0 · ∞ make the gradient NaN.
    x = tf.where(near, gamma, tf.zeros_like(gamma))
    series = tf.zeros_like(gamma)
    for n in range(16, 1, -1):
        series = series * x + tf.constant(1.0 / math.factorial(n), gamma.dtype)
    return tf.where(near, x * x * series, tf.math.expm1(gamma) - gamma)
