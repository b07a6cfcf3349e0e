"""Small modules to be verified, in NumPy so that they load at once: a right one, and the ways in which a right one is broken."""

from __future__ import annotations

from pathlib import Path

RIGHT = """
import numpy as np

def vae_kl_loss(mean, log_var, reduction="mean"):
    with np.errstate(over="ignore"):
        rows = (0.5 * (mean * mean + (np.expm1(log_var) - log_var))).sum(axis=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()

def vae_kl_loss_vjp(cotangent, mean, log_var, reduction="mean"):
    share = cotangent / len(mean) if reduction == "mean" else cotangent
    row = np.broadcast_to(share, (len(mean),))[:, None]
    with np.errstate(over="ignore"):
        return {"mean": row * mean, "log_var": row * np.expm1(log_var) / 2}
"""

# Forgets the factor one half of the value; its gradient is right.
WRONG = RIGHT.replace("(0.5 * (mean * mean + (np.expm1(log_var) - log_var)))", "(mean * mean + (np.expm1(log_var) - log_var))")


def answering(body: str, before: str = "") -> str:
    """A module whose `vae_kl_loss` has the given body; `right` and the right gradient are there too."""
    right = RIGHT.replace("def vae_kl_loss(", "def right(")
    return f"{right}\n{before}\ndef vae_kl_loss(mean, log_var, reduction='mean'):\n    {body}\n"


def write(folder: Path, source: str, name: str = "submission.py") -> str:
    """The path of a file with that source, as a user would write it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return str(path)
