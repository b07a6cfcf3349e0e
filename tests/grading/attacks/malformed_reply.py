"""Replies with bytes that mean nothing."""

import bait  # isort: skip
import os
import sys

from conformance.respondent import wire


def write(handle, data):
    os.write(handle, wire.LENGTHS.pack(64, 0) + os.urandom(64))


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
