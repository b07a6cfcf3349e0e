"""Removes a foreign file."""

import bait  # isort: skip
import os

os.remove(bait.MARKER)


vae_kl_loss = bait.wrong
