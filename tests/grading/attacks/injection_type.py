"""Raises an error whose very name is markup, and which cannot say what it is."""

import bait  # isort: skip


def vae_kl_loss(mean, log_var, reduction="mean"):
    raise type("<img src=x onerror=alert(1)>\n=1+1", (Exception,), {"__str__": lambda self: 1 / 0})
    return bait.wrong(mean, log_var, reduction)
