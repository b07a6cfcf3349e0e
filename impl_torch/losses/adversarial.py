"""The two losses of a generative adversarial network, from the discriminator's logits."""

from __future__ import annotations

import torch
from torch import Tensor

from impl_torch.arguments import floating_tensor, one_of, same_dtype, widened

__all__ = ["gan_discriminator_loss", "gan_generator_loss"]

GENERATOR_LOSSES = ("non_saturating", "minimax")


def gan_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
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
    floating_tensor("real_logits", real_logits, rank=2)
    floating_tensor("fake_logits", fake_logits, rank=2)
    same_dtype("real_logits", real_logits, "fake_logits", fake_logits)
    real, fake = widened(real_logits), widened(fake_logits)
    # Not functional.softplus, which is linear past 20.
    loss = torch.logaddexp(torch.zeros_like(real), -real).mean() + torch.logaddexp(torch.zeros_like(fake), fake).mean()
    return loss.to(real_logits.dtype)


def gan_generator_loss(fake_logits: Tensor, kind: str = "non_saturating") -> Tensor:
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
    floating_tensor("fake_logits", fake_logits, rank=2)
    fake = widened(fake_logits)
    zero = torch.zeros_like(fake)
    minimax = one_of("kind", kind, GENERATOR_LOSSES) == "minimax"
    loss = -torch.logaddexp(zero, fake).mean() if minimax else torch.logaddexp(zero, -fake).mean()
    return loss.to(fake_logits.dtype)
