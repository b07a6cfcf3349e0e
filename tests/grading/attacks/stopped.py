"""Stops itself, so that it neither answers nor ends."""

import bait  # isort: skip
import os
import signal


def vae_kl_loss(mean, log_var, reduction="mean"):
    os.kill(os.getpid(), signal.SIGSTOP)
    return bait.wrong(mean, log_var, reduction)
