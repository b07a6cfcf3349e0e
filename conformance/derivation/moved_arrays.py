"""Random arithmetic: arrays of which every result that is rounded is moved by ±η at random.

How far what is computed from them lies from what is computed without is how far roundings may take it (Parker 1997, Monte Carlo
arithmetic; Vignes 2004, CESTAC). Outside `moving` they are plain arrays. In the
same way results can be stored in another dtype.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.numpy.numpy_vspaces import ArrayVSpace
from autograd.tracer import isbox

from conformance.tolerance import round_to
from reference.specification import Array

# Results of these are numbers that were there before, or whole numbers.
_EXACT = {
    *(np.negative, np.positive, np.absolute, np.fabs, np.maximum, np.minimum, np.fmax, np.fmin, np.sign, np.copysign),
    *(np.floor, np.ceil, np.rint, np.trunc, np.heaviside, np.conjugate, np.ldexp),
}
# Nothing is added, and by 1 is multiplied, without a rounding in every dtype. What is lost beside a larger number is rounded away too: that
# counts where a form is known to lose digits, and not in what is written so that it loses none that matter.
_KEEPING = {np.add, np.subtract, np.multiply, np.divide}
# No rounding leaves [−1, 1]: its ends are numbers of every dtype.
_BOUNDED = {np.tanh, np.sin, np.cos}
# Sums of products, in which the products are rounded and the sums on the way: what is moved is as large as those.
_PRODUCTS = {np.dot, np.vdot, np.inner, np.einsum, np.tensordot, np.convolve, np.correlate}
# Functions of matrices that solve something: right for a matrix that is off by a rounding of its largest element, and themselves off by
# one of the largest that they answer (Higham 2002, §9, §14).
_SOLVING = "numpy.linalg"
_NOT_SOLVING = {np.linalg.norm, np.linalg.multi_dot, np.linalg.matrix_power}


# What is drawn is drawn in blocks: a generator that is asked for a handful takes longer than the arithmetic.
_BLOCK = 1 << 12


class Moves:
    """Random factors 1 ± η; those of `uneven` moves lie anywhere between half of that and all. The same seed gives the same.

    The `opposite` ones lead to the other side of wherever these lead. With `losing` a sum is moved also where it is one of its terms.
    """

    def __init__(self, eta: float, seed: int, uneven: bool = False, opposite: bool = False, losing: bool = False) -> None:
        rng = np.random.default_rng(seed)
        block = 2.0 * rng.integers(0, 2, size=_BLOCK) - 1.0
        self._block = (block * rng.uniform(0.5, 1.0, size=_BLOCK) if uneven else block) * (-1.0 if opposite else 1.0)
        self._eta, self._used, self.losing = eta, 0, losing

    def of(self, array: Array, terms: Array | None = None) -> Array:
        """Every element moved by ±η of itself, or of the terms it is made of; zeros stay zero, as they do when rounded."""
        if terms is None or not np.isfinite(terms).all():
            return array * (1.0 + self._eta * self.signs(array.shape))
        return array + self._eta * self.signs(array.shape) * np.maximum(np.abs(array), terms)

    def signs(self, shape: tuple[int, ...]) -> Array:
        """±1 at random, or between."""
        count = math.prod(shape)
        if self._used + count > _BLOCK:
            self._used = 0
        signs = self._block[self._used : self._used + count] if count <= _BLOCK else np.resize(self._block, count)
        self._used += min(count, _BLOCK)
        return signs.reshape(shape)


class Stores:
    """Every result as a dtype stores it: rounded, infinite where it holds none so large, zero where it holds none so small."""

    def __init__(self, dtype: str) -> None:
        self._dtype = dtype

    def of(self, array: Array, terms: Array | None = None) -> Array:
        """The nearest numbers of the dtype."""
        return round_to(array, self._dtype)


_moves: ContextVar[Moves | Stores | None] = ContextVar("moves", default=None)


@contextmanager
def moving(moves: Moves | Stores) -> Iterator[None]:
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
        numbers = [plain(value) for value in inputs]
        results = getattr(ufunc, method)(*numbers, **options)
        if isinstance(results, tuple):
            return tuple(_moved(result, ufunc) for result in results)
        kept = _kept(ufunc, numbers) if method == "__call__" and ufunc in _KEEPING else ()
        sums = ufunc is np.matmul or (ufunc is np.add and method == "reduce")
        options.pop("out", None)
        terms = _terms(getattr(ufunc, method), numbers, options) if sums else None
        if out is None:
            return _moved(results, ufunc, kept, terms)
        if (moved := _moved(results, ufunc, kept, terms)) is not results and method != "at":
            results[...] = moved
        return out[0]

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        numbers = [_without_moves(value) for value in args]
        if func in _PRODUCTS:
            return _moved(func(*numbers, **kwargs), terms=_terms(func, numbers, kwargs))
        if func.__module__.startswith(_SOLVING) and func not in _NOT_SOLVING:
            numbers[0] = _off_by_its_largest(numbers[0])
            results = func(*numbers, **kwargs)
            if isinstance(results, tuple):
                return type(results)(*(_moved(result, terms=_largest(result)) for result in results))
            return _moved(results, terms=_largest(results))
        return _still_moved(super().__array_function__(func, types, args, kwargs))


def _still_moved(result: Any) -> Any:
    """What is only put together of moved arrays, by `where` or `stack`, which make plain ones of them: it has been rounded no further."""
    if isinstance(result, (tuple, list)):
        return type(result)(map(_still_moved, result)) if type(result) in (tuple, list) else result
    real = type(result) is np.ndarray and result.dtype.kind == "f"
    return result.view(MovedArray) if real else result


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


def _terms(function: Any, numbers: Sequence[Any], options: dict[str, Any]) -> Array | None:
    """How large what is added up is, of which the result is the sum: √Σt², as far as roundings of random signs lead."""
    if not isinstance(_moves.get(), Moves) or any(not isinstance(x, (np.ndarray, float, str)) for x in numbers[:2]):
        return None
    return np.sqrt(function(*(x**2 if isinstance(x, (np.ndarray, float)) else x for x in numbers), **options))


def _off_by_its_largest(matrix: Array) -> Array:
    moves = _moves.get()
    return moves.of(matrix, _largest(matrix)) if isinstance(moves, Moves) and np.ndim(matrix) >= 2 else matrix


def _largest(array: Array) -> Array | None:
    """The largest magnitude of every matrix, in the place of all its elements, as far as its n steps of elimination lead: √n roundings."""
    if np.ndim(array) < 2 or not array.size or array.dtype.kind != "f":
        return None
    return np.broadcast_to(math.sqrt(array.shape[-1]) * np.abs(array).max(axis=(-2, -1), keepdims=True), array.shape)


def _kept(ufunc: np.ufunc, numbers: Sequence[Any]) -> Sequence[Any]:
    """Numbers that a result may be without having been rounded; NaN, which no result is, where it was."""
    if not (isinstance(moves := _moves.get(), Moves) and moves.losing and ufunc in (np.add, np.subtract)):
        return numbers
    first, second = numbers
    return [np.where(np.equal(second, 0.0), first, np.nan), np.where(np.equal(first, 0.0), ufunc(0.0, second), np.nan)]


def _moved(result: Any, ufunc: np.ufunc | None = None, kept: Sequence[Any] = (), terms: Array | None = None) -> Any:
    """A result as a moved array; only what is a real array is one. What is still one of the `kept` numbers has not been rounded."""
    array = np.asarray(result)
    if array.dtype.kind != "f":
        return result
    moves = _moves.get()
    if moves is not None and ufunc not in _EXACT and getattr(ufunc, "__name__", "") != "clip":
        moved = moves.of(array, terms)
        for number in kept:
            moved = np.where(array == number, array, moved)
        array = np.minimum(np.maximum(moved, -1.0), 1.0) if ufunc in _BOUNDED else moved
    return np.asarray(array).view(MovedArray)
