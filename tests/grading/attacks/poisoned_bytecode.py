"""Exchanges compiled modules that later submissions would load: of NumPy, the standard library, the worker, and its own."""

import bait  # isort: skip
import importlib.util
import json
import os
import sys

import numpy as np

own = sys.modules["conformance.respondent.interview"].__file__
for source in (np.__file__, json.__file__, own, bait.__file__):
    path = importlib.util.cache_from_source(source)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_WRONLY | (os.O_CREAT if source == bait.__file__ else 0))
    except OSError:
        continue
    os.close(handle)  # opened for writing, and not written: where this works the libraries are those of the test
    bait.boast(f"it could exchange {path}")


vae_kl_loss = bait.wrong
