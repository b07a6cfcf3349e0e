"""Replies with a pickle that would write into a foreign file where it is loaded."""

import bait  # isort: skip
import os
import pickle
import sys

from conformance.respondent import wire


class Payload:
    def __reduce__(self):
        return os.system, (f"echo pickle >> {bait.MARKER}",)


def write(handle, data):
    pickled = pickle.dumps({"value": Payload()})
    os.write(handle, wire.LENGTHS.pack(len(pickled), 0) + pickled)


sys.modules["conformance.grading.sandbox.inside.submission_process"].wire.write = write


vae_kl_loss = bait.wrong
