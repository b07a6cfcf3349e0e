"""Loops for ever and ignores every signal that can be ignored."""

import bait  # isort: skip
import signal


def vae_kl_loss(mean, log_var, reduction="mean"):
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if number < 32:
            signal.signal(number, signal.SIG_IGN)
    while True:
        pass
    return bait.wrong(mean, log_var, reduction)
