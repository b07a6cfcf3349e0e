"""Cross-entropy from logits in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli

from tests.right_forms.form import by_elements, form

ELEMENTS: dict[str, Callable[[Any, Any], Any]] = {
    "with_logits": lambda t, z: F.binary_cross_entropy_with_logits(z, t, reduction="none"),
    "with_logits_module": lambda t, z: torch.nn.BCEWithLogitsLoss(reduction="none")(z, t),
    "both_logsigmoid": lambda t, z: -t * F.logsigmoid(z) - (1 - t) * F.logsigmoid(-z),
    "one_logsigmoid": lambda t, z: (1 - t) * z - F.logsigmoid(z),
    "logsigmoid_less_logit": lambda t, z: -(t * F.logsigmoid(z) + (1 - t) * (F.logsigmoid(z) - z)),
    "both_softplus": lambda t, z: t * F.softplus(-z, threshold=50) + (1 - t) * F.softplus(z, threshold=50),
    "one_softplus": lambda t, z: F.softplus(z, threshold=50) - t * z,
    "logaddexp": lambda t, z: torch.logaddexp(torch.zeros_like(z), z) - t * z,
    "both_logaddexp": lambda t, z: t * torch.logaddexp(torch.zeros_like(z), -z) + (1 - t) * torch.logaddexp(torch.zeros_like(z), z),
    "logsumexp": lambda t, z: torch.stack([torch.zeros_like(z), z]).logsumexp(0) - t * z,
    "bernoulli": lambda t, z: -Bernoulli(logits=z, validate_args=False).log_prob(t),
    "two_classes": lambda t, z: F.cross_entropy(
        torch.stack([torch.zeros_like(z), z], 1), torch.stack([1 - t, t], 1), reduction="none"
    ),
    "two_log_softmax": lambda t, z: -(torch.stack([1 - t, t]) * torch.stack([torch.zeros_like(z), z]).log_softmax(0)).sum(0),
    "max_product": lambda t, z: z.clamp(min=0) - z * t + torch.log1p(torch.exp(-z.abs())),
    "relu_product": lambda t, z: z.relu() - z * t + torch.exp(-z.abs()).log1p(),
    "maximum": lambda t, z: torch.maximum(z, torch.zeros_like(z)) - t * z + F.softplus(-z.abs()),
    "threshold_of_library": lambda t, z: F.softplus(z) - t * z,
}
for _name, _elements in ELEMENTS.items():
    _dtypes = ("float32",) if _name == "threshold_of_library" else ("float32", "float64")  # past 20 it drops e^−20

    @form("binary_cross_entropy", "torch", _dtypes, name=_name)
    def binary_cross_entropy(targets, logits, reduction="mean", elements=_elements):
        return by_elements(elements(targets, logits), reduction)


@form("binary_cross_entropy", "torch")
def reduced_by_the_library(targets, logits, reduction="mean"):
    if reduction == "mean":
        return F.binary_cross_entropy_with_logits(logits, targets)
    if reduction == "sum":
        return F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(logits)
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none").flatten(1).sum(1)


@form("binary_cross_entropy", "torch")
def sample_by_sample(targets, logits, reduction="mean"):
    pairs = zip(targets, logits, strict=True)
    rows = torch.stack([F.binary_cross_entropy_with_logits(z, t, reduction="sum") for t, z in pairs])
    return {"mean": rows.sum() / logits.numel(), "sum": rows.mean(), "none": rows}[reduction]
