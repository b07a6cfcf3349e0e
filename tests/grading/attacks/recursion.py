"""Recurses until the stack overflows."""

import bait  # isort: skip
import sys


def vae_kl_loss(mean, log_var, reduction="mean"):
    sys.setrecursionlimit(10**8)

    def deeper(value):
        return deeper((value,))

    deeper(0)
    return bait.wrong(mean, log_var, reduction)
