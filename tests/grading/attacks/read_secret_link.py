"""Reads a file of the grader through a link that it made itself."""

import bait  # isort: skip
import os
import tempfile

link = os.path.join(tempfile.mkdtemp(), "link")
os.symlink(bait.SECRET_FILE, link)
with open(link) as file:
    print(file.read())


vae_kl_loss = bait.wrong
