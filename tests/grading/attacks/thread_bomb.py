"""Starts two hundred threads."""

import bait  # isort: skip
import threading


def vae_kl_loss(mean, log_var, reduction="mean"):
    stop = threading.Event()
    try:
        for _ in range(200):
            threading.Thread(target=stop.wait, args=(5,), daemon=True).start()
        if threading.active_count() > 200:
            bait.boast("it had more threads than its limit")
    finally:
        stop.set()
    return bait.wrong(mean, log_var, reduction)
