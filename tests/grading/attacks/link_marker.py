"""Writes into a foreign file through a hard link of its own."""

import bait  # isort: skip
import os
import tempfile

link = os.path.join(tempfile.gettempdir(), f"hard-{os.getpid()}")
os.link(bait.MARKER, link)
with open(link, "a") as file:
    file.write("linked")


vae_kl_loss = bait.wrong
