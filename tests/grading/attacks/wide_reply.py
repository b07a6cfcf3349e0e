"""Replies with an array whose shape promises more numbers than any memory holds."""

import bait  # isort: skip
import os
import sys

from conformance.respondent import wire


def write(handle, data):
    header = b'{"id": 1, "arrays": [["float64", [1099511627775, 1099511627775]]], "body": {"a": 0}}'
    os.write(handle, wire.LENGTHS.pack(len(header), 0) + header)


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
