"""Has the kernel send a signal to another process, as the owner of a pipe."""

import bait  # isort: skip
import fcntl
import os


def vae_kl_loss(mean, log_var, reduction="mean"):
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, bait.SENTINEL)
    fcntl.fcntl(reading, 10, 9)  # F_SETSIG
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(writing, b"x")
    return bait.wrong(mean, log_var, reduction)
