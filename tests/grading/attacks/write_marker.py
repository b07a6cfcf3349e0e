"""Writes into a foreign file."""

import bait  # isort: skip


with open(bait.MARKER, "a") as file:
    file.write("written")


vae_kl_loss = bait.wrong
