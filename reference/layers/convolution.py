"""One-dimensional convolution over time, and the maximum over time."""

from __future__ import annotations

import numpy as np

from reference.rounding import stored
from reference.specification import Array


def conv1d(x: Array, kernel: Array, bias: Array) -> Array:
    """z_t = Σ_k x_{t+k−l} K_k + b with zeros outside, so T steps give T steps; l = ⌊(K−1)/2⌋ zeros stand on the left.

    Shapes: x (B, T, E), kernel (K, E, F), bias (F,); the result is (B, T, F). As in every framework the kernel is not flipped.
    """
    steps, width = x.shape[1], len(kernel)
    padded = _pad(x, width)
    return sum((padded[:, k : k + steps] @ kernel[k] for k in range(width)), start=np.zeros(())) + bias


def conv1d_vjp(cotangent: Array, x: Array, kernel: Array) -> tuple[Array, Array, Array]:
    """Cotangents of x, kernel and bias."""
    steps, width = x.shape[1], len(kernel)
    padded = _pad(x, width)
    kernel_bar = np.stack([np.einsum("bte,btf->ef", padded[:, k : k + steps], cotangent) for k in range(width)])
    padded_bar = np.zeros_like(padded)
    for k in range(width):
        padded_bar[:, k : k + steps] += cotangent @ kernel[k].T
    left = (width - 1) // 2
    return padded_bar[:, left : left + steps], kernel_bar, cotangent.sum(axis=(0, 1))


def global_max_pooling(x: Array) -> Array:
    """The largest value over time of every channel: (B, T, F) to (B, F)."""
    return np.take_along_axis(x, _peak(x), axis=1)[:, 0]


def global_max_pooling_vjp(cotangent: Array, x: Array) -> Array:
    """The cotangent goes to the step of the maximum, the first of equals."""
    x_bar = np.zeros_like(x)
    np.put_along_axis(x_bar, _peak(x), cotangent[:, None], axis=1)
    return x_bar


def _peak(x: Array) -> Array:
    # Beside a large bias steps that differ are the same number where they are stored, and any of them may be the largest.
    return np.real(stored(x)).argmax(axis=1)[:, None]


def _pad(x: Array, width: int) -> Array:
    left = (width - 1) // 2
    return np.pad(x, ((0, 0), (left, width - 1 - left), (0, 0)))
