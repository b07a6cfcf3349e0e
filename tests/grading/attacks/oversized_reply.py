"""Announces a reply of four gigabytes."""

import bait  # isort: skip
import os
import sys


def write(handle, data):
    os.write(handle, b"\xff\xff\xff\xf0" * 2 + bytes(2**16))


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
