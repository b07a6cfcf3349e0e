"""Makes a socket past Python, by number of the system call."""

import bait  # isort: skip
import ctypes
import os
import socket


def vae_kl_loss(mean, log_var, reduction="mean"):
    number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
    handle = ctypes.CDLL(None).syscall(number, socket.AF_INET, socket.SOCK_STREAM, 0)
    if handle >= 0:
        socket.socket(fileno=handle).connect(("127.0.0.1", bait.PORT))
    return bait.wrong(mean, log_var, reduction)
