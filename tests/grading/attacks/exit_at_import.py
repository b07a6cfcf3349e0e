"""Leaves while it is imported."""

import bait  # isort: skip
import sys

sys.exit(0)


vae_kl_loss = bait.wrong
