"""Answers from a thread of its own while it is asked."""

import bait  # isort: skip
import os
import threading
import time


def flood():
    while True:
        os.write(3, b"passed")
        time.sleep(0.001)


threading.Thread(target=flood, daemon=True).start()


vae_kl_loss = bait.wrong
