"""Hangs up in place of a reply, and goes on."""

import bait  # isort: skip
import os
import sys


def write(handle, data):
    os.close(handle)
    while True:
        pass


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
