"""Random arithmetic: arrays of which every result that is rounded is moved by ±η at random.

How far what is computed from them lies from what is computed without is how far roundings may take it (Parker 1997, Monte Carlo
arithmetic; Vignes 2004, CESTAC). Outside `moving` they are plain arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.numpy.numpy_vspaces import ArrayVSpace
from autograd.tracer import isbox

from reference.specification import Array

# Results of these are numbers that were there before, or whole numbers.
_EXACT = {
    *(np.negative, np.positive, np.absolute, np.fabs, np.maximum, np.minimum, np.fmax, np.fmin, np.sign, np.copysign),
    *(np.floor, np.ceil, np.rint, np.trunc, np.heaviside, np.conjugate, np.ldexp),
}
# No rounding leaves [−1, 1]: its ends are numbers of every dtype.
_BOUNDED = {np.tanh, np.sin, np.cos}
# Written in C, so that no ufunc shows what is rounded in them.
_ROUNDED = {np.dot, np.vdot, np.inner, np.einsum, np.tensordot, np.convolve, np.correlate, np.interp}


class Moves:
    """Random factors 1 ± η. The same seed gives the same."""

    def __init__(self, eta: float, seed: int) -> None:
        self._eta, self._rng = eta, np.random.default_rng(seed)

    def of(self, array: Array) -> Array:
        """Every element moved by ±η; zeros stay zero, as they do when rounded."""
        return array * (1.0 + self._eta * self.signs(np.shape(array)))

    def signs(self, shape: tuple[int, ...]) -> Array:
        """±1 at random."""
        return 2.0 * self._rng.integers(0, 2, size=shape) - 1.0


_moves: ContextVar[Moves | None] = ContextVar("moves", default=None)


@contextmanager
def moving(moves: Moves | None) -> Iterator[None]:
    """Within, results of moved arrays are moved."""
    before = _moves.set(moves)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _moves.reset(before)


class MovedArray(np.ndarray):
    """An array whose results are moved while `moving` says so."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if any(isbox(value) for value in inputs):
            return NotImplemented
        if out is not None:
            options["out"] = tuple(map(plain, out))
        results = getattr(ufunc, method)(*map(plain, inputs), **options)
        if isinstance(results, tuple):
            return tuple(_moved(result, ufunc) for result in results)
        if out is None:
            return _moved(results, ufunc)
        if (moved := _moved(results, ufunc)) is not results and method != "at":
            results[...] = moved
        return out[0]

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in _ROUNDED or func.__module__.startswith("numpy.linalg"):
            results = func(*map(_without_moves, args), **kwargs)
            return type(results)(*map(_moved, results)) if isinstance(results, tuple) else _moved(results)
        return super().__array_function__(func, types, args, kwargs)


ArrayBox.register(MovedArray)
ArrayVSpace.register(MovedArray)


def is_moved(value: Any) -> bool:
    """Whether results of it are moved."""
    return isinstance(value, MovedArray)


def plain(value: Any) -> Any:
    """The numbers of a moved array; anything else as it is."""
    return value.view(np.ndarray) if isinstance(value, MovedArray) else value


def _without_moves(value: Any) -> Any:
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else plain(value)


def _moved(result: Any, ufunc: np.ufunc | None = None) -> Any:
    """A result as a moved array; only what is a real array is one."""
    array = np.asarray(result)
    if array.dtype.kind != "f":
        return result
    moves = _moves.get()
    if moves is not None and ufunc not in _EXACT:
        array = moves.of(array)
        array = np.clip(array, -1.0, 1.0) if ufunc in _BOUNDED else array
    return np.asarray(array).view(MovedArray)
