"""The gradient of a function as it is written, by reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import autograd
import numpy as np

from conformance.derivation.moved_arrays import plain
from reference.specification import Array

_make_vjp: Any = autograd.make_vjp  # the library's annotations know one argument only


def gradients(
    function: Callable[..., Any], names: tuple[str, ...], cotangent: Array, inputs: Mapping[str, Any]
) -> dict[str, Array]:
    """cotangent · ∂f/∂input of every one of the names, of a function that was `exchanged`.

    Raises:
        Exception: something in it cannot be recorded.
    """

    def of_arrays(*arrays: Any) -> Any:
        return function(**{**inputs, **dict(zip(names, arrays, strict=True))})

    back, value = _make_vjp(of_arrays, argnum=tuple(range(len(names))))(*(inputs[name] for name in names))
    weights = np.asarray(cotangent, dtype=np.float64)
    by_input = back(np.broadcast_to(weights, np.shape(value)) if np.ndim(value) else weights.reshape(()))
    return {name: np.asarray(plain(gradient), dtype=np.float64) for name, gradient in zip(names, by_input, strict=True)}
