"""Looks for the grader among the installed packages."""

import bait  # isort: skip
import contextlib
import importlib.metadata

with contextlib.suppress(importlib.metadata.PackageNotFoundError):
    # Of a folder that is covered there is the name, and nothing in it.
    if (version := importlib.metadata.version("autoencoder-conformance")) is not None:
        bait.boast(version)

vae_kl_loss = bait.wrong
