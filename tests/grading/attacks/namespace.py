"""Makes itself the owner of a new user namespace."""

import bait  # isort: skip
import ctypes

if ctypes.CDLL(None).unshare(0x10000000) == 0:
    bait.boast("it has a user namespace of its own")


vae_kl_loss = bait.wrong
