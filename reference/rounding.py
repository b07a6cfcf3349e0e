"""Where a rounding may matter though nothing before it does: results of functions that saturate.

σ(20) stays what it is when 20 moves a little, but 1 − σ(20) is made of nothing but the rounding of σ(20), and slopes are such
differences: a(1 − a), 1 − a², softmax(z) − onehot. Whoever wants to know how far a computation in another precision may be off has to
move these results themselves. So every one of them passes through `saturating`, which leaves it alone unless somebody asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from reference.specification import Array

Rounding = Callable[[Array], Array]
_rounding: ContextVar[Rounding | None] = ContextVar("rounding", default=None)
_storing: ContextVar[Rounding | None] = ContextVar("storing", default=None)


def saturating(result: Array) -> Array:
    """The result of a function whose values lie in [−1, 1], as it is, or as it is stored within `rounded_by`."""
    rounding = _rounding.get()
    return result if rounding is None else rounding(result)


def stored(number: Array) -> Array:
    """A number of any size that an equation goes through, as it is, or as it is stored within `rounded_by`."""
    rounding = _storing.get()
    return number if rounding is None else rounding(number)


@contextmanager
def rounded_by(rounding: Rounding, storing: Rounding | None = None) -> Iterator[None]:
    """Within, every result of a saturating function is replaced by `rounding` of it, every number that is stored by `storing` of it.

    >>> import numpy as np
    >>> from reference.layers.activations import tanh
    >>> with rounded_by(lambda result: result.astype(np.float16)):
    ...     1.0 - tanh(np.array([5.0]))
    array([0.], dtype=float16)
    """
    before, stored_before = _rounding.set(rounding), _storing.set(storing)
    try:
        yield
    finally:
        _rounding.reset(before)
        _storing.reset(stored_before)
