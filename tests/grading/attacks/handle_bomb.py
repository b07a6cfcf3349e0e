"""Opens a thousand files and keeps them."""

import bait  # isort: skip
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(1000)]
    bait.boast(f"it had {len(kept)} open files")
    return bait.wrong(mean, log_var, reduction)
