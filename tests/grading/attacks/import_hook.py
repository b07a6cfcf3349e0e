"""Takes over every import that follows."""

import bait  # isort: skip
import builtins
import sys


class Hook:
    def find_spec(self, name, path=None, target=None):
        raise RuntimeError("nothing is imported any more")


sys.meta_path.insert(0, Hook())
builtins.__import__ = lambda name, *arguments, **options: sys


vae_kl_loss = bait.wrong
