"""Looks for the grader among the installed packages."""

import bait  # isort: skip
import contextlib
import importlib.metadata

with contextlib.suppress(importlib.metadata.PackageNotFoundError):
    bait.boast(importlib.metadata.version("autoencoder-conformance"))

vae_kl_loss = bait.wrong
