"""The cross-entropy of a softmax, from logits."""

from __future__ import annotations

import tensorflow as tf

from impl_tf.arguments import widened


def softmax_cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """−ln softmax(z)[label], averaged over the batch; labels (B, 1) whole numbers, logits (B, C)."""
    per_sample = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels[:, 0], logits=widened(logits))
    return tf.cast(tf.reduce_mean(per_sample), logits.dtype)
