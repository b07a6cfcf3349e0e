"""Empties a foreign file without opening it."""

import bait  # isort: skip
import os

os.truncate(bait.MARKER, 0)


vae_kl_loss = bait.wrong
