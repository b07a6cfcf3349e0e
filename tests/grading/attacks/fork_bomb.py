"""Starts fifty processes that wait a second."""

import bait  # isort: skip
import os
import time


def vae_kl_loss(mean, log_var, reduction="mean"):
    for _ in range(50):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
    bait.boast("it started processes")
    return bait.wrong(mean, log_var, reduction)
