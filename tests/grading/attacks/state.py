"""Is right once and wrong ever after."""

import bait  # isort: skip

calls = []


def vae_kl_loss(mean, log_var, reduction="mean"):
    calls.append(1)
    return (bait.right if len(calls) == 1 else bait.wrong)(mean, log_var, reduction)
