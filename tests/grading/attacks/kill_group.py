"""Kills its own process group."""

import bait  # isort: skip
import os
import signal


def vae_kl_loss(mean, log_var, reduction="mean"):
    os.killpg(os.getpgrp(), signal.SIGKILL)
    return bait.wrong(mean, log_var, reduction)
