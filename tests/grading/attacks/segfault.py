"""Reads address 0."""

import bait  # isort: skip
import ctypes


def vae_kl_loss(mean, log_var, reduction="mean"):
    ctypes.string_at(0)
    return bait.wrong(mean, log_var, reduction)
