"""Walks up the stack for an expected value, and returns it."""

import bait  # isort: skip
import sys


def vae_kl_loss(mean, log_var, reduction="mean"):
    frame = sys._getframe()
    while frame is not None:
        for name in ("expected", "expectation", "prepared", "answer"):
            if name in frame.f_locals or name in frame.f_globals:
                bait.boast(f"{name} is on the stack")
        frame = frame.f_back
    return bait.wrong(mean, log_var, reduction)
