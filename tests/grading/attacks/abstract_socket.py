"""Listens under a name that is in no file system, for the next submission to call."""

import bait  # isort: skip
import socket


def vae_kl_loss(mean, log_var, reduction="mean"):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0bait-{bait.PORT}")
        bait.boast("it listened under a name")
    return bait.wrong(mean, log_var, reduction)
