"""The cross-entropy of a softmax, from logits."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from impl_torch.arguments import widened


def softmax_cross_entropy(labels: Tensor, logits: Tensor) -> Tensor:
    """−ln softmax(z)[label], averaged over the batch; labels (B, 1) of int64, logits (B, C)."""
    return functional.cross_entropy(widened(logits), labels[:, 0]).to(logits.dtype)
