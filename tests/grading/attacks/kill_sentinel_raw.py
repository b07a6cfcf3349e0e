"""Kills another process past Python, by number of the system call."""

import bait  # isort: skip
import ctypes
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    number = {"x86_64": 62, "aarch64": 129}[os.uname().machine]
    ctypes.CDLL(None).syscall(number, bait.SENTINEL, 9)
    return bait.wrong(mean, log_var, reduction)
