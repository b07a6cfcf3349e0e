"""Losses of whole samples with many digits: a loss of every row, its reductions, and its derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.reference.mp_arrays import mpfs, over_batch, share_over_batch

_DIGITS = 180


def samples(
    loss: Callable[..., mpf],
    slopes: Callable[..., Mapping[str, Any]],
    names: tuple[str, ...],
    reduce: Callable[..., Any] = over_batch,
    share: Callable[..., Any] = share_over_batch,
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Value and gradient of `loss(row of the first array, of the second, ..., **numbers)`, reduced over the rows.

    `slopes`, of the same arguments, says for some of the arrays how the loss of a row changes with its elements.
    """

    def of_rows(function: Callable[..., Any], inputs: dict[str, Any]) -> list[Any]:
        numbers = {n: mpf(x) for n, x in inputs.items() if n not in names}
        return [function(*rows, **numbers) for rows in zip(*(mpfs(inputs[n]) for n in names), strict=True)]

    def value(reduction: str, **inputs: Any) -> Any:
        with mp.workdps(_DIGITS):
            return reduce(np.array(of_rows(loss, inputs), dtype=object)[:, None], reduction)

    def gradient(cotangent: Any, reduction: str, **inputs: Any) -> dict[str, np.ndarray]:
        with mp.workdps(_DIGITS):
            rows = of_rows(slopes, inputs)
            factor = share(mpfs(np.asarray(cotangent)), reduction, np.shape(inputs[names[0]]))
            return {name: factor * np.array([list(row[name]) for row in rows], dtype=object) for name in rows[0]}

    return value, gradient


def of_all_elements(
    term: Callable[..., mpf], slope: Callable[..., mpf], name: str
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Value and gradient of the sum of `term(element, **numbers)` over one array."""

    def numbers_of(inputs: dict[str, Any]) -> dict[str, mpf]:
        return {n: mpf(x) for n, x in inputs.items() if n != name}

    def value(**inputs: Any) -> Any:
        return sum(term(x, **numbers_of(inputs)) for x in mpfs(inputs[name]).ravel())

    def gradient(cotangent: Any, **inputs: Any) -> dict[str, np.ndarray]:
        slopes = np.frompyfunc(lambda x: slope(x, **numbers_of(inputs)), 1, 1)(mpfs(inputs[name]))
        return {name: mpf(float(cotangent)) * slopes}

    return value, gradient


def sign(x: mpf) -> mpf:
    """−1, 0 or 1."""
    return mpf(int(x > 0) - int(x < 0))


def sigmoid(logit: mpf) -> mpf:
    """1 / (1 + e^−z)."""
    return 1 / (1 + mp.exp(-logit))
