"""Replies with a header nested a hundred thousand deep."""

import bait  # isort: skip
import os
import sys

from conformance.respondent import wire


def write(handle, data):
    os.write(handle, wire.LENGTHS.pack(200_000, 0) + b"[" * 200_000)


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
