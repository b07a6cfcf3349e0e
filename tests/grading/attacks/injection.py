"""Raises a message of markup, terminal commands and spreadsheet formulas."""

import bait  # isort: skip


def vae_kl_loss(mean, log_var, reduction="mean"):
    raise ValueError("\n=cmd|'/C calc'!A0\n<script>alert(1)</script>\x1b[2J\x1b]0;owned\x07,\"passed\"\r\n\u202epassed")
    return bait.wrong(mean, log_var, reduction)
