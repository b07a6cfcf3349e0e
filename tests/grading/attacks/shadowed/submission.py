"""Brings modules that bear the names of the grader's and of the libraries."""

import bait  # isort: skip
import numpy

if hasattr(numpy, "SHADOW"):
    bait.boast("numpy was shadowed for the worker")


vae_kl_loss = bait.wrong
