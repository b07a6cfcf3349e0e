"""Prints 32 MB in every call."""

import bait  # isort: skip
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    for _ in range(32):
        os.write(1, b"x" * 2**20)
    return bait.wrong(mean, log_var, reduction)
