"""Reads secrets in the environment, its own and another process's."""

import bait  # isort: skip
import os

print(dict(os.environ))
for name in ("self", str(bait.SENTINEL)):
    try:
        with open(f"/proc/{name}/environ", "rb") as file:
            print(file.read())
    except OSError:
        pass


vae_kl_loss = bait.wrong
