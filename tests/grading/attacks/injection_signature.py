"""Has parameters whose names are markup, which a message about the signature repeats."""

import bait  # isort: skip
import inspect

NAMES = ("<script>alert(1)</script>", "=1+1", "![x](http://example.invalid/x.png)", "\x1b[2J")


class Parameter:
    kind, default = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty

    def __init__(self, name):
        self.name = name


class Signature(inspect.Signature):
    parameters = property(lambda self: {name: Parameter(name) for name in NAMES})


def vae_kl_loss(mean, log_var, reduction="mean"):
    return bait.wrong(mean, log_var, reduction)


vae_kl_loss.__signature__ = Signature()
