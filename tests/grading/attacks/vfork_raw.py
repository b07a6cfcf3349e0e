"""Starts a process past Python, by clone."""

import bait  # isort: skip
import ctypes
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    process = ctypes.CDLL(None).syscall(number, 17, 0, 0, 0, 0)
    if process == 0:
        os._exit(0)
    if process > 0:
        bait.boast("it started a process")
    return bait.wrong(mean, log_var, reduction)
