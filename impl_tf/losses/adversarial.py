"""The two losses of a generative adversarial network, from the discriminator's logits."""

from __future__ import annotations

import tensorflow as tf

from impl_tf.arguments import floating_tensor, one_of, same_dtype, widened

__all__ = ["gan_discriminator_loss", "gan_generator_loss"]

GENERATOR_LOSSES = ("non_saturating", "minimax")


def gan_discriminator_loss(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Mean of ln(1 + e^−r) plus mean of ln(1 + e^f): the real is to be called real, the fake fake.

    Args:
        real_logits: r, (R, K): what the discriminator says of real samples.
        fake_logits: f, (F, K): and of generated ones, as many or not.

    Returns:
        A scalar in nats.

    Raises:
        ValueError: wrong rank, empty batch.
        TypeError: not floating-point tensors, or of different dtypes.
    """
    real = floating_tensor("real_logits", real_logits, rank=2)
    fake = floating_tensor("fake_logits", fake_logits, rank=2)
    same_dtype("real_logits", real, "fake_logits", fake)
    loss = tf.reduce_mean(tf.nn.softplus(-widened(real))) + tf.reduce_mean(tf.nn.softplus(widened(fake)))
    return tf.cast(loss, real.dtype)


def gan_generator_loss(fake_logits: tf.Tensor, kind: str = "non_saturating") -> tf.Tensor:
    """Mean of ln(1 + e^−f), or −mean of ln(1 + e^f): what a generator loses where the discriminator sees through it.

    Args:
        fake_logits: f, (F, K): what the discriminator says of generated samples.
        kind: "non_saturating", whose slope is steep where the generator is bad | "minimax", the discriminator's loss with its sign turned.

    Returns:
        A scalar in nats.

    Raises:
        ValueError: wrong rank, empty batch, unknown kind.
        TypeError: not floating-point tensors.
    """
    fake = floating_tensor("fake_logits", fake_logits, rank=2)
    wide = widened(fake)
    if one_of("kind", kind, GENERATOR_LOSSES) == "minimax":
        return tf.cast(-tf.reduce_mean(tf.nn.softplus(wide)), fake.dtype)
    return tf.cast(tf.reduce_mean(tf.nn.softplus(-wide)), fake.dtype)
