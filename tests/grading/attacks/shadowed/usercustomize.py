"""Stands in for a module of this name."""

import bait  # isort: skip

SHADOW = True
with open(bait.MARKER, "a") as file:
    file.write(__name__)
