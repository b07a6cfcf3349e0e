"""Makes ten thousand empty files."""

import bait  # isort: skip
import os
import tempfile


def vae_kl_loss(mean, log_var, reduction="mean"):
    folder = tempfile.mkdtemp()
    for index in range(10_000):
        open(os.path.join(folder, str(index)), "w").close()
    bait.boast("it made more files than its limit")
    return bait.wrong(mean, log_var, reduction)
