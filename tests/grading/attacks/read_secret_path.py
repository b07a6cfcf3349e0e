"""Reads a file of the grader by way of handles and /proc/self/root."""

import bait  # isort: skip
import os

for path in (f"/proc/self/root{bait.SECRET_FILE}", f"/proc/self/cwd/../../../../../../..{bait.SECRET_FILE}"):
    try:
        with open(path) as file:
            print(file.read())
    except OSError:
        pass
handle = os.open(os.path.dirname(bait.SECRET_FILE), os.O_PATH)
print(os.read(os.open(os.path.basename(bait.SECRET_FILE), os.O_RDONLY, dir_fd=handle), 1000))


vae_kl_loss = bait.wrong
