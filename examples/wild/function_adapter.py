"""The function under the name and with the arguments of the contract."""

from __future__ import annotations

from plain_function import kl_normal
from torch import Tensor


def vae_kl_loss(mean: Tensor, log_var: Tensor, reduction: str = "mean") -> Tensor:
    rows = kl_normal(log_sigma=0.5 * log_var, mu=mean)
    return rows if reduction == "none" else getattr(rows, reduction)()
