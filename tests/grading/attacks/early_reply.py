"""Answers before it is asked."""

import bait  # isort: skip
import os

from conformance.respondent import wire

os.write(3, wire.frame(1, [["value", ["Returned", {}]], ["gradient", ["Returned", {}]]]))


vae_kl_loss = bait.wrong
