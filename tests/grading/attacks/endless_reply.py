"""Announces a reply of 256 megabytes and sends it byte by byte."""

import bait  # isort: skip
import os
import sys

from conformance.respondent import wire


def write(handle, data):
    import time

    os.write(handle, wire.LENGTHS.pack(100, 2**28))
    while True:
        os.write(handle, b"x")
        time.sleep(0.01)


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
