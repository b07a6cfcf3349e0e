"""Reads the source of the reference."""

import bait  # isort: skip
import os

for place in (bait.REPOSITORY, os.path.dirname(bait.PACKAGES)):
    try:
        with open(os.path.join(place, "reference", "formulas", "variational.py")) as file:
            bait.boast(file.readline())
    except OSError:
        pass


vae_kl_loss = bait.wrong
