"""Fills the disk, at most 64 MB of it."""

import bait  # isort: skip
import os
import tempfile


def vae_kl_loss(mean, log_var, reduction="mean"):
    for index in range(64):
        with open(os.path.join(tempfile.gettempdir(), f"fill-{os.getpid()}-{index}"), "wb") as file:
            file.write(bytes(2**20))
    for index in range(64):
        os.remove(os.path.join(tempfile.gettempdir(), f"fill-{os.getpid()}-{index}"))
    bait.boast("it wrote more than its limit")
    return bait.wrong(mean, log_var, reduction)
