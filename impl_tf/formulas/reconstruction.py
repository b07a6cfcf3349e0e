"""How far a reconstruction is from its input: squared error, and cross-entropy from logits."""

from __future__ import annotations

import tensorflow as tf

from impl_tf.arguments import REDUCTIONS, floating_tensor, like, one_of, widened

__all__ = ["binary_cross_entropy", "mean_squared_error"]


def mean_squared_error(inputs: tf.Tensor, reconstructions: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """Σ(x − r)², by default the mean over every element.

    Args:
        inputs: x, (B, …).
        reconstructions: r, of the same shape.
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar, or (B,) for "none".

    Raises:
        ValueError: rank below 2, different shapes, empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    x = floating_tensor("inputs", inputs, least_rank=2)
    r = like("inputs", x, "reconstructions", reconstructions)
    one_of("reduction", reduction, REDUCTIONS)
    return tf.cast(_reduced(tf.math.squared_difference(widened(x), widened(r)), reduction), x.dtype)


def binary_cross_entropy(targets: tf.Tensor, logits: tf.Tensor, reduction: str = "mean") -> tf.Tensor:
    """ln(1 + e^z) − t·z of every element, from logits: finite for every finite z.

    Args:
        targets: t in [0, 1], (B, …).
        logits: z, of the same shape; the probability is sigmoid(z).
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: rank below 2, different shapes (labels are never broadcast), empty batch, unknown reduction.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    t = floating_tensor("targets", targets, least_rank=2)
    z = like("targets", t, "logits", logits)
    one_of("reduction", reduction, REDUCTIONS)
    elements = tf.nn.sigmoid_cross_entropy_with_logits(labels=widened(t), logits=widened(z))
    return tf.cast(_reduced(elements, reduction), z.dtype)


def _reduced(elements: tf.Tensor, reduction: str) -> tf.Tensor:
    """The mean of all, or the sum of every sample, (B,), or the mean of these sums."""
    if reduction == "mean":
        return tf.reduce_mean(elements)
    # The axes are counted in the graph: while a function is traced even the rank may be unknown.
    features = tf.range(1, tf.rank(elements)) if elements.shape.rank is None else list(range(1, elements.shape.rank))
    per_sample = tf.reduce_sum(elements, axis=features)
    return tf.reduce_mean(per_sample) if reduction == "sum" else per_sample
