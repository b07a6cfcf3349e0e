"""Handles every signal by answering on the channel."""

import bait  # isort: skip
import os
import signal

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    if number < 32:
        signal.signal(number, lambda *arguments: os.write(3, b"passed"))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)


vae_kl_loss = bait.wrong
