"""Sends a little more than its reply."""

import bait  # isort: skip
import os
import sys


def write(handle, data):
    os.write(handle, data + b"more")


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
