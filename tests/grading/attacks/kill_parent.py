"""Kills the process that started it."""

import bait  # isort: skip
import os
import signal


def vae_kl_loss(mean, log_var, reduction="mean"):
    if os.getppid() > 1:
        os.kill(os.getppid(), signal.SIGKILL)
        bait.boast("its parent could be signalled")
    return bait.wrong(mean, log_var, reduction)
