"""Leaves a process behind that outlives it, in a session of its own, and writes a moment later."""

import bait  # isort: skip
import os
import time


def vae_kl_loss(mean, log_var, reduction="mean"):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(0.3)
            with open(bait.MARKER, "a") as file:
                file.write("daemon")
        os._exit(0)
    return bait.wrong(mean, log_var, reduction)
