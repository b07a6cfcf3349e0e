"""Changes the permissions and the times of a foreign file."""

import bait  # isort: skip
import contextlib
import os

for action in (lambda: os.chmod(bait.MARKER, 0o777), lambda: os.utime(bait.MARKER, (0, 0))):
    with contextlib.suppress(OSError):
        action()

vae_kl_loss = bait.wrong
