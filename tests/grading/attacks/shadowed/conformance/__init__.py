"""Stands in for the harness."""

import bait  # isort: skip

with open(bait.MARKER, "a") as file:
    file.write(__name__)
