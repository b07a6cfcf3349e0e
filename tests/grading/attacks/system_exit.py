"""Raises SystemExit in the call."""

import bait  # isort: skip


def vae_kl_loss(mean, log_var, reduction="mean"):
    raise SystemExit(0)
    return bait.wrong(mean, log_var, reduction)
