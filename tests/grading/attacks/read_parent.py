"""Reads the memory of the process that started it."""

import bait  # isort: skip
import os

with open(f"/proc/{os.getppid()}/maps") as file:
    start = int(file.readline().split("-")[0], 16)
with open(f"/proc/{os.getppid()}/mem", "rb") as file:
    file.seek(start)
    bait.boast(f"it read {len(file.read(16))} bytes of its parent")


vae_kl_loss = bait.wrong
