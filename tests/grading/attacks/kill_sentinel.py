"""Kills another process of the same user."""

import bait  # isort: skip
import os
import signal


def vae_kl_loss(mean, log_var, reduction="mean"):
    os.kill(bait.SENTINEL, signal.SIGKILL)
    return bait.wrong(mean, log_var, reduction)
