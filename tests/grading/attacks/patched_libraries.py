"""Replaces json, struct and os where the worker uses them, so that every frame says what it likes."""

import bait  # isort: skip
import json
import os
import struct

write, dumps = os.write, json.dumps
json.dumps = lambda value, **options: dumps(
    {"id": value.get("id", 0), "arrays": [], "body": [["value", ["Returned", {}]], ["gradient", ["Returned", {}]]]}
)
struct.pack = lambda *arguments: b"passed"


vae_kl_loss = bait.wrong
