"""The fully connected layer: z = x W + b."""

from __future__ import annotations

import numpy as np

from reference.specification import Array


def dense(x: Array, weight: Array, bias: Array) -> Array:
    """z = x W + b, for x (B, in), W (in, out), b (out,); z is (B, out)."""
    return x @ weight + bias


def dense_vjp(cotangent: Array, x: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Cotangents of x, W and b: ḡ Wᵀ, xᵀ ḡ, Σ_B ḡ."""
    return cotangent @ weight.T, x.T @ cotangent, cotangent.sum(axis=0)


def glorot_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """U(±√(6 / (in + out))), (in, out). Source: Glorot & Bengio 2010, eq. 16."""
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))
