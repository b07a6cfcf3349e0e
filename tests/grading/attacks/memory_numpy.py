"""Takes 1.25 GB in one array."""

import bait  # isort: skip
import numpy as np


def vae_kl_loss(mean, log_var, reduction="mean"):
    np.ones(160 * 2**20)
    bait.boast("it had more memory than its limit")
    return bait.wrong(mean, log_var, reduction)
