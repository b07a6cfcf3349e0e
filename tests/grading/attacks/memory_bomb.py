"""Takes memory, at most 1.25 GB of it."""

import bait  # isort: skip


def vae_kl_loss(mean, log_var, reduction="mean"):
    blocks = []
    for _ in range(20):
        blocks.append(bytearray(64 * 2**20))
    bait.boast("it had more memory than its limit")
    return bait.wrong(mean, log_var, reduction)
