"""Deliberately wrong miniature implementations of `vae_kl_loss`, in NumPy and PyTorch: each must be caught, by the right words."""

from __future__ import annotations

from dataclasses import dataclass

HONEST = """
import torch
def vae_kl_loss(mean, log_var, reduction="mean"):
    per_sample = 0.5 * (mean * mean + (torch.expm1(log_var) - log_var)).sum(1)
    return per_sample if reduction == "none" else per_sample.mean() if reduction == "mean" else per_sample.sum()
"""


@dataclass(frozen=True)
class Liar:
    """Source of a module, the outcome it deserves for value and gradient, and a word that the reason must contain."""

    source: str
    value: str
    gradient: str
    reason: str


def _torch(body: str, before: str = "") -> str:
    return f"""
import torch
{before}
{HONEST.replace("vae_kl_loss", "right").replace("import torch", "")}
def vae_kl_loss(mean, log_var, reduction="mean"):
    {body}
"""


LIARS = {
    "always zero": Liar(
        _torch("return 0 * right(mean.clamp(-1, 1), log_var.clamp(-1, 1), reduction)"), "failed", "failed", "expected"
    ),
    "always NaN": Liar(_torch("return right(mean, log_var, reduction) * float('nan')"), "failed", "failed", "NaN"),
    "in single precision": Liar(
        _torch("return right(mean.float(), log_var.float(), reduction).double()"), "failed", "failed", "budget"
    ),
    "returns single precision": Liar(_torch("return right(mean.float(), log_var.float(), reduction)"), "failed", "failed", "dtype"),
    "returns a Python float": Liar(_torch("return float(right(mean, log_var, 'sum'))"), "failed", "failed", "float"),
    "returns None": Liar(_torch("right(mean, log_var, reduction)"), "failed", "failed", "NoneType"),
    "returns a list": Liar(_torch("return [1.0]"), "failed", "failed", "list"),
    "keeps an axis": Liar(_torch("return right(mean, log_var, reduction)[..., None]"), "failed", "failed", "shape"),
    "cut off from its inputs": Liar(_torch("return right(mean, log_var, reduction).detach()"), "passed", "failed", "gradient"),
    "forgets one input": Liar(_torch("return right(mean.detach(), log_var, reduction)"), "passed", "failed", "mean"),
    "raises": Liar(_torch("raise RuntimeError('no idea\\nsecond line')"), "errored", "errored", "no idea"),
    "raises on some": Liar(
        _torch("assert len(mean) != 1; return right(mean, log_var, reduction)"), "errored", "errored", "Assertion"
    ),
    "exits": Liar(_torch("raise SystemExit(0)"), "errored", "errored", "SystemExit"),
    "never returns": Liar(_torch("while True: pass"), "errored", "errored", "within"),
    "never returns and catches everything": Liar(
        _torch("\n    while True:\n        try:\n            while True: pass\n        except Exception: pass"),
        "errored",
        "errored",
        "within",
    ),
    "changes its input": Liar(
        _torch("result = right(mean, log_var, reduction); mean.data.add_(1); return result"),
        "failed",
        "failed",
        "changed its input",
    ),
    "counts its calls": Liar(
        _torch("calls.append(1); return right(mean, log_var, reduction) * (1 + (len(calls) > 20))", "calls = []"),
        "failed",
        "failed",
        "",
    ),
    "wrong with one sample": Liar(
        _torch("return right(mean, log_var, reduction) * (1 + (len(mean) == 1))"), "failed", "failed", ""
    ),
    "wrong near zero": Liar(
        _torch("return right(mean, log_var, reduction) + 1e-3 * (log_var.abs().amax() < 1e-2)"),
        "failed",
        "passed",
        "budget",
    ),
    "right value, wrong gradient": Liar(
        _torch("v = right(mean, log_var, reduction); return v.detach() + 2 * (v - v.detach())"), "passed", "failed", ""
    ),
    "finite where it overflows": Liar(_torch("return right(mean, log_var.clamp(max=30), reduction)"), "failed", "failed", ""),
    "has another name": Liar("import torch\ndef vae_kl(mean, log_var): pass", "unsupported", "unsupported", "vae_kl_loss"),
    "is no function": Liar("import torch\nvae_kl_loss = 3.0", "failed", "failed", "callable"),
    "has other arguments": Liar("import torch\ndef vae_kl_loss(mu, sigma): pass", "failed", "failed", "signature: expected"),
    "prints": Liar(_torch("print('passed'); return right(mean, log_var, reduction)"), "passed", "passed", ""),
}

# An array whose comparisons all say yes, as a submission in NumPy could return.
SAYS_YES = """
import numpy as np
class Yes(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    __le__ = __ge__ = __lt__ = __gt__ = __eq__
    def __array_function__(self, function, types, args, kwargs): return True
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
def vae_kl_loss(mean, log_var, reduction="mean"):
    return np.zeros(mean.shape[0] if reduction == "none" else ()).view(Yes)
"""
