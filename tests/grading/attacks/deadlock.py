"""Waits for a lock that it holds itself, in a thread that holds up the end."""

import bait  # isort: skip
import threading


def vae_kl_loss(mean, log_var, reduction="mean"):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
    return bait.wrong(mean, log_var, reduction)
