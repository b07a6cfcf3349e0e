"""Penalties on activities in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from tests.right_forms.form import form

# Divergence of a unit: of the wanted mean activity p, a tensor like the actual one, q.
UNITS: dict[str, Callable[[Any, Any], Any]] = {
    "as_printed": lambda p, q: p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q)),
    "logarithms_apart": lambda p, q: p * (p.log() - q.log()) + (1 - p) * ((1 - p).log() - (1 - q).log()),
    "log1p": lambda p, q: p * (p.log() - q.log()) + (1 - p) * (torch.log1p(-p) - torch.log1p(-q)),
    "kl_div": lambda p, q: F.kl_div(q.log(), p, reduction="none") + F.kl_div((1 - q).log(), 1 - p, reduction="none"),
    "kl_div_module": lambda p, q: torch.nn.KLDivLoss(reduction="none")(torch.stack([q, 1 - q]).log(), torch.stack([p, 1 - p])).sum(
        0
    ),
    "xlogy": lambda p, q: torch.xlogy(p, p / q) + torch.xlogy(1 - p, (1 - p) / (1 - q)),
    "entropies": lambda p, q: F.binary_cross_entropy(q, p, reduction="none") - F.binary_cross_entropy(p, p, reduction="none"),
    "rel_entr": lambda p, q: (
        -torch.special.entr(p) - torch.xlogy(p, q) - torch.special.entr(1 - p) - torch.special.xlog1py(1 - p, -q)
    ),
}
for _name, _unit in UNITS.items():

    @form("kl_sparsity_loss", "torch", name=_name)
    def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7, unit=_unit):
        q = activations.mean(0).clamp(epsilon, 1 - epsilon)
        return weight * unit(torch.full_like(q, target), q).sum()


AVERAGES: dict[str, Callable[[Any], Any]] = {
    "sum_by_count": lambda a: a.sum(0) / len(a),
    "product": lambda a: a.new_full((len(a),), 1 / len(a)) @ a,
    "einsum": lambda a: torch.einsum("bd->d", a) / a.shape[0],
    "transposed": lambda a: a.T.mean(1),
    "stacked": lambda a: torch.stack(list(a)).mean(0),
}
for _name, _average in AVERAGES.items():

    @form("kl_sparsity_loss", "torch", name=_name)
    def kl_sparsity_loss_by_average(activations, target=0.1, weight=1.0, epsilon=1e-7, average=_average):
        q = average(activations).clamp(epsilon, 1 - epsilon)
        return (UNITS["as_printed"](torch.full_like(q, target), q) * weight).sum()


@form("kl_sparsity_loss", "torch")
def without_an_epsilon_of_its_own(activations, target=0.1, weight=1.0):
    q = activations.mean(dim=0).clamp(1e-7, 1 - 1e-7)
    return weight * UNITS["log1p"](torch.full_like(q, target), q).sum()


NORMS: dict[str, Callable[[Any], Any]] = {
    "abs_sum": lambda a: a.abs().sum() / len(a),
    "norm_of_everything": lambda a: torch.linalg.vector_norm(a, 1) / a.shape[0],
    "norms_of_rows": lambda a: torch.linalg.vector_norm(a, 1, dim=1).mean(),
    "l1_loss": lambda a: F.l1_loss(a, torch.zeros_like(a), reduction="sum") / len(a),
    "mean_times_width": lambda a: a.abs().mean() * a.shape[1],
    "rows": lambda a: a.abs().sum(1).mean(),
    "columns": lambda a: a.abs().mean(0).sum(),
    "normalize_less": lambda a: a.norm(p=1, dim=-1).mean(0),
    "times_sign": lambda a: (a * a.sign()).sum() / len(a),
}
for _name, _norm in NORMS.items():

    @form("l1_activity_loss", "torch", name=_name)
    def l1_activity_loss(activations, weight=1e-3, norm=_norm):
        return weight * norm(activations)
