"""Sleeps for a day with the alarm blocked."""

import bait  # isort: skip
import signal
import time


def vae_kl_loss(mean, log_var, reduction="mean"):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(86400)
    return bait.wrong(mean, log_var, reduction)
