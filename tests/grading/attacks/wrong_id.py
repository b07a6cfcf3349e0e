"""Replies to another question."""

import bait  # isort: skip
import os
import sys

from conformance.respondent import wire


def write(handle, data):
    os.write(handle, wire.frame(12345, []))


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
