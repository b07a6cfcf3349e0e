"""Leaves files where the next submission would find them, and looks for those of the last."""

import bait  # isort: skip
import os
import sys
import tempfile

places = [tempfile.gettempdir(), os.path.expanduser("~"), "/tmp", "/dev/shm", "/var/tmp", os.path.dirname(bait.__file__), *sys.path]
for place in dict.fromkeys(places):
    try:
        path = os.path.join(place, "poison.py")
        if os.path.exists(path):
            bait.boast(f"it found what it left in {place}")
        with open(path, "w") as file:
            file.write("raise SystemExit")
        os.makedirs(os.path.join(place, "__pycache__"), exist_ok=True)
    except OSError:
        continue


vae_kl_loss = bait.wrong
