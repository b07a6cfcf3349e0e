"""Answers a thousand questions ahead, with every small number for an id."""

import bait  # isort: skip
import os

from conformance.respondent import wire

os.write(3, b"".join(wire.frame(number, [["value", ["Returned", {}]], ["gradient", ["Returned", {}]]]) for number in range(1000)))


vae_kl_loss = bait.wrong
