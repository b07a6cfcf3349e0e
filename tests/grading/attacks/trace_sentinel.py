"""Attaches to another process as a debugger."""

import bait  # isort: skip
import ctypes


def vae_kl_loss(mean, log_var, reduction="mean"):
    if ctypes.CDLL(None).ptrace(16, bait.SENTINEL, 0, 0) == 0:
        ctypes.CDLL(None).ptrace(17, bait.SENTINEL, 0, 0)
        bait.boast("it traced another process")
    return bait.wrong(mean, log_var, reduction)
