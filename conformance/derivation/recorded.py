"""Functions of NumPy and SciPy whose gradients the `autograd` library does not have, by functions whose gradients it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy
import numpy as np
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.tracer import getval

anp: Any = autograd.numpy  # its names are made at run time
_box: Any = ArrayBox
# Products are written as a method, too.
_box.dot = lambda self, other: anp.dot(self, other)


def _diagonal(array: Any, offset: int = 0) -> Any:
    """As `numpy.diagonal` of a matrix."""
    rows, columns = np.shape(array)
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    places = np.arange(length)
    return array[places - min(offset, 0), places + max(offset, 0)]


def _diag(array: Any, offset: int = 0) -> Any:
    return _diagonal(array, offset) if np.ndim(array) == 2 else anp.diag(array, offset)


def _sort(array: Any, axis: int = -1) -> Any:
    order = np.argsort(np.asarray(getval(array)), axis=axis)
    places: list[Any] = list(np.indices(order.shape))
    places[axis] = order
    return array[tuple(places)]


def _median(array: Any, axis: int | None = None) -> Any:
    ordered = _sort(anp.ravel(array) if axis is None else anp.moveaxis(array, axis, -1))
    count = np.shape(ordered)[-1]
    return (ordered[..., (count - 1) // 2] + ordered[..., count // 2]) / 2


def _average(array: Any, axis: int | None = None, weights: Any = None) -> Any:
    if weights is None:
        return anp.mean(array, axis=axis)
    return anp.sum(array * weights, axis=axis) / anp.sum(weights + 0 * array, axis=axis)


def _softmax(x: Any, axis: int | None = None) -> Any:
    return anp.exp(_log_softmax(x, axis))


def _log_softmax(x: Any, axis: int | None = None) -> Any:
    shifted = x - np.max(np.asarray(getval(x)), axis=axis, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=axis, keepdims=True))


def _ndtr(x: Any) -> Any:
    from autograd.scipy.special import erfc  # only now: whoever needs it has SciPy

    return erfc(-x / math.sqrt(2)) / 2


def _xlogy(x: Any, y: Any) -> Any:
    nothing = np.asarray(getval(x)) == 0
    return anp.where(nothing, 0.0, x * anp.log(anp.where(nothing, 1.0, y)))


OF_NUMPY: Mapping[str, Callable[..., Any]] = {
    "average": _average,
    "diag": _diag,
    "diagonal": _diagonal,
    "heaviside": lambda x, half: anp.where(x > 0, 1.0, anp.where(x < 0, 0.0, half)),
    "median": _median,
    "ptp": lambda array, axis=None: anp.max(array, axis=axis) - anp.min(array, axis=axis),
    "sort": _sort,
    "vecdot": lambda first, second: anp.sum(first * second, axis=-1),
}
OF_SCIPY_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "entr": lambda x: -_xlogy(x, x),
    "log_softmax": _log_softmax,
    "ndtr": _ndtr,
    "rel_entr": lambda x, y: _xlogy(x, x / y),
    "softmax": _softmax,
    "xlogy": _xlogy,
}
