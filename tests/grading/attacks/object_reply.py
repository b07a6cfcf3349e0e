"""Replies with an array of Python objects."""

import bait  # isort: skip
import os
import sys

from conformance.respondent import wire


def write(handle, data):
    header = b'{"id": 1, "arrays": [["object", [1]]], "body": {"a": 0}}'
    os.write(handle, wire.LENGTHS.pack(len(header), 8) + header + bytes(8))


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
