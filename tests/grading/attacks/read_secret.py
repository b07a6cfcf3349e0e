"""Reads a file of the grader."""

import bait  # isort: skip


with open(bait.SECRET_FILE) as file:
    print(file.read())


vae_kl_loss = bait.wrong
