"""Softmax and its cross-entropy, from logits."""

from __future__ import annotations

import numpy as np

from reference.rounding import saturating, stored
from reference.specification import Array


def log_softmax(z: Array) -> Array:
    """z − ln Σ e^z over the last axis, shifted by the largest logit so that nothing overflows."""
    shifted = z - np.real(z).max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(z: Array) -> Array:
    """e^z / Σ e^z over the last axis."""
    # Whoever writes e^(z − ln Σ e^z) rounds the logarithm, whose digits end where those of the largest logit do.
    largest = np.real(z).max(axis=-1, keepdims=True)
    return saturating(np.exp(log_softmax(z) + (largest - stored(largest))))


def softmax_cross_entropy(labels: Array, logits: Array) -> Array:
    """−ln softmax(z)[label], averaged over the batch; labels (B, 1), logits (B, C)."""
    return -np.take_along_axis(log_softmax(logits), labels, axis=1).mean()


def softmax_cross_entropy_vjp(labels: Array, logits: Array) -> Array:
    """Cotangent of the logits: (softmax(z) − onehot(label)) / B."""
    cotangent = softmax(logits)
    cotangent[np.arange(len(labels)), labels[:, 0]] -= 1.0
    return cotangent / len(labels)
