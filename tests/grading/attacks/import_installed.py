"""Looks for the reference, the harness and the implementations on its path."""

import bait  # isort: skip
import importlib.util

for name in (
    "reference",
    "impl_tf",
    "impl_torch",
    "conformance.judging.expectation",
    "conformance.judging.verify",
    "conformance.cases.case",
):
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        spec = None
    if spec is not None:
        bait.boast(f"it can import {name}")


vae_kl_loss = bait.wrong
