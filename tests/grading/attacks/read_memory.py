"""Reads its own memory, 32 MB at most, for a secret that was left in it."""

import bait  # isort: skip
import re

LEFT = re.compile(rb"secret-[0-9a-f]{64}")
left = 2**25
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
    for line in maps:
        start, end = (int(word, 16) for word in line.split()[0].split("-"))
        if "[heap]" not in line or " r" not in line or left <= 0:
            continue
        memory.seek(start)
        held = memory.read(min(end - start, left))
        left -= len(held)
        for secret in set(LEFT.findall(held)):
            bait.boast(f"it found {secret}")


vae_kl_loss = bait.wrong
