"""Becomes a shell that writes into a foreign file."""

import bait  # isort: skip
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    os.execv("/bin/sh", ["sh", "-c", f"echo shell >> {bait.MARKER}"])
    return bait.wrong(mean, log_var, reduction)
