"""Has a shell write into a foreign file."""

import bait  # isort: skip
import subprocess


def vae_kl_loss(mean, log_var, reduction="mean"):
    subprocess.run(["/bin/sh", "-c", f"echo shell >> {bait.MARKER}"], check=True)
    return bait.wrong(mean, log_var, reduction)
