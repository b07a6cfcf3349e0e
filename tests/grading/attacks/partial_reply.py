"""Sends half of its reply and waits."""

import bait  # isort: skip
import os
import sys


def write(handle, data):
    os.write(handle, data[: len(data) // 2])


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
