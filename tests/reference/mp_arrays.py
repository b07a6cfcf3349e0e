"""Arrays of mpmath numbers: a term of every element or of every column, its reductions, and its derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp, mpf

DIGITS = 50

mpfs = np.frompyfunc(mpf, 1, 1)


def columns(term: Callable[[np.ndarray, Any], mpf]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Value and gradient of weight · Σ over units of term(activations of the unit, the other arguments)."""

    def value(activations, weight, **rest):
        return mpf(weight) * sum(term(column, **rest) for column in mpfs(activations).T)

    def gradient(cotangent, activations, weight, **rest):
        batch, result = mpfs(activations), np.empty(np.shape(activations), dtype=object)
        for b, j in np.ndindex(batch.shape):

            def along(t, b=b, j=j):
                column = batch[:, j].copy()
                column[b] = t
                return term(column, **rest)

            result[b, j] = mpf(float(cotangent)) * mpf(weight) * mp.diff(along, batch[b, j])
        return {"activations": result}

    return value, gradient


def elements(
    term: Callable[..., mpf],
    names: tuple[str, ...],
    reduce: Callable[..., Any],
    share: Callable[..., Any],
    digits: int = DIGITS,
    slopes: Callable[..., tuple[mpf, ...]] | None = None,
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Value and gradient of an elementwise term that is reduced afterwards."""

    def value(reduction=None, **arrays):
        with mp.workdps(digits):
            return reduce(np.frompyfunc(term, len(names), 1)(*(mpfs(arrays[n]) for n in names)), reduction)

    def gradient(cotangent, reduction=None, **arrays):
        with mp.workdps(digits):
            columns = [mpfs(arrays[n]) for n in names]
            factor = share(mpfs(np.asarray(cotangent)), reduction, columns[0].shape)
            partials = np.frompyfunc(slopes, len(names), len(names))(*columns) if slopes else _partials(term, columns)
            return {name: factor * partial for name, partial in zip(names, partials, strict=True)}

    return value, gradient


def _partials(term: Callable[..., mpf], columns: list[np.ndarray]) -> list[np.ndarray]:
    orders = np.eye(len(columns), dtype=int).tolist()
    return [np.frompyfunc(lambda *point, n=tuple(n): mp.diff(term, point, n), len(columns), 1)(*columns) for n in orders]


def over_batch(elements: np.ndarray, reduction: str) -> Any:
    """The variational reductions: always Σ latent; then mean or sum over the batch."""
    rows = elements.sum(axis=1)
    return {"mean": rows.sum() / len(rows), "sum": rows.sum(), "none": rows}[reduction]


def share_over_batch(cotangent: np.ndarray, reduction: str, shape: tuple[int, int]) -> Any:
    return {"mean": cotangent / shape[0], "sum": cotangent, "none": np.reshape(cotangent, (-1, 1))}[reduction]


def over_elements(elements: np.ndarray, reduction: str) -> Any:
    """The reconstruction reductions: mean over every element; Σ features and mean over the batch; Σ features."""
    rows = elements.sum(axis=1)
    return {"mean": elements.sum() / elements.size, "sum": rows.sum() / len(rows), "none": rows}[reduction]


def share_over_elements(cotangent: np.ndarray, reduction: str, shape: tuple[int, int]) -> Any:
    return {"mean": cotangent / (shape[0] * shape[1]), "sum": cotangent / shape[0], "none": np.reshape(cotangent, (-1, 1))}[
        reduction
    ]
