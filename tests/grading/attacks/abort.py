"""Aborts."""

import bait  # isort: skip
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    os.abort()
    return bait.wrong(mean, log_var, reduction)
