"""Computes the right value and changes its inputs."""

import bait  # isort: skip


def vae_kl_loss(mean, log_var, reduction="mean"):
    value = bait.right(mean, log_var, reduction)
    mean += 1
    return value
