"""Activation functions, each with its slope written as a function of the output.

All of them accept complex input, branching on the real part, so that the complex-step derivative can check what is built on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from reference.rounding import saturating
from reference.specification import Array


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^−z), never overflowing: e^−|z| is all that is exponentiated."""
    small = np.exp(np.where(np.real(z) > 0, -z, z))
    result = saturating(np.where(np.real(z) > 0, 1.0, small) / (1.0 + small))
    # Compilers compute ½(1 + tanh(z/2)), which rounds near zero as it does near one.
    squashed = 2.0 * result - 1.0
    distance = 0.5 * (saturating(squashed) - squashed)
    return np.clip(result + distance, 0.0, 1.0) if distance.any() else result


def tanh(z: Array) -> Array:
    """(e^z − e^−z) / (e^z + e^−z)."""
    result = saturating(np.tanh(z))
    # Who computes it so, or as 2σ(2z) − 1, rounds near zero as near one: cuDNN's recurrent layers do.
    half = 0.5 + 0.5 * result
    distance = 2.0 * (saturating(half) - half)
    return np.clip(result + distance, -1.0, 1.0) if distance.any() else result


@dataclass(frozen=True)
class Activation:
    """a = apply(z) and da/dz = slope(a)."""

    apply: Callable[[Array], Array]
    slope: Callable[[Array], Array]


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "relu": Activation(lambda z: np.where(np.real(z) > 0, z, 0.0), lambda a: (np.real(a) > 0).astype(np.float64)),
        "sigmoid": Activation(sigmoid, lambda a: a * (1.0 - a)),
        "tanh": Activation(tanh, lambda a: 1.0 - a * a),
        "linear": Activation(lambda z: z, lambda a: np.ones_like(a)),
    }
)
