"""The formulas of the contract, written literally in mpmath: the first independent source of every expected value.

Nothing here is rearranged for accuracy. Where the literal form cancels, or a difference quotient does, more digits are carried
instead, so that 50 remain. Derivatives are taken by `mpmath.diff`; only the cross-entropy, which would need 800 digits there, is
differentiated by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp, mpf

DIGITS = 50
MOST_DIGITS = DIGITS + 350  # e^800 ≈ 1e347: what ln(1 + e^z) − t·z needs
DIGITS_WITH_VARIANCE = DIGITS + 306  # e^700 ≈ 1e304: μ² beside it must still be seen
DIGITS_WITH_DEVIATION = DIGITS + 154  # e^350 ≈ 1e152

mpfs = np.frompyfunc(mpf, 1, 1)


def _bernoulli_divergence(p: mpf, q: mpf) -> mpf:
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


def _gaussian_divergence(mean: mpf, log_var: mpf) -> mpf:
    return -(1 + log_var - mean**2 - mp.exp(log_var)) / 2


def _sample(mean: mpf, log_var: mpf, noise: mpf) -> mpf:
    return mean + mp.exp(log_var / 2) * noise


def _squared_error(inputs: mpf, reconstructions: mpf) -> mpf:
    return (inputs - reconstructions) ** 2


def _cross_entropy(targets: mpf, logits: mpf) -> mpf:
    return mp.log(1 + mp.exp(logits)) - targets * logits


def _cross_entropy_slopes(targets: mpf, logits: mpf) -> tuple[mpf, mpf]:
    return -logits, mp.exp(logits) / (1 + mp.exp(logits)) - targets


def _clip(mean: mpf, epsilon: float) -> mpf:
    return min(max(mean, mpf(epsilon)), 1 - mpf(epsilon))


def _columns(term: Callable[[np.ndarray, Any], mpf]) -> tuple[Callable[..., Any], Callable[..., Any]]:
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


def _elements(
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


def _over_batch(elements: np.ndarray, reduction: str) -> Any:
    """The variational reductions: always Σ latent; then mean or sum over the batch."""
    rows = elements.sum(axis=1)
    return {"mean": rows.sum() / len(rows), "sum": rows.sum(), "none": rows}[reduction]


def _share_over_batch(cotangent: np.ndarray, reduction: str, shape: tuple[int, int]) -> Any:
    return {"mean": cotangent / shape[0], "sum": cotangent, "none": np.reshape(cotangent, (-1, 1))}[reduction]


def _over_elements(elements: np.ndarray, reduction: str) -> Any:
    """The reconstruction reductions: mean over every element; Σ features and mean over the batch; Σ features."""
    rows = elements.sum(axis=1)
    return {"mean": elements.sum() / elements.size, "sum": rows.sum() / len(rows), "none": rows}[reduction]


def _share_over_elements(cotangent: np.ndarray, reduction: str, shape: tuple[int, int]) -> Any:
    return {"mean": cotangent / (shape[0] * shape[1]), "sum": cotangent / shape[0], "none": np.reshape(cotangent, (-1, 1))}[
        reduction
    ]


def _kl_term(column, target, epsilon=1e-7):
    return _bernoulli_divergence(mpf(target), _clip(sum(column) / len(column), epsilon))


def _l1_term(column):
    return sum(abs(a) for a in column) / len(column)


# name -> (value, gradient), both of exact inputs and with exact results.
FORMULAS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "kl_sparsity_loss": _columns(_kl_term),
    "l1_activity_loss": _columns(_l1_term),
    "vae_kl_loss": _elements(_gaussian_divergence, ("mean", "log_var"), _over_batch, _share_over_batch, DIGITS_WITH_VARIANCE),
    "reparameterize": _elements(_sample, ("mean", "log_var", "noise"), lambda e, _: e, lambda c, *_: c, DIGITS_WITH_DEVIATION),
    "mean_squared_error": _elements(_squared_error, ("inputs", "reconstructions"), _over_elements, _share_over_elements),
    "binary_cross_entropy": _elements(
        _cross_entropy, ("targets", "logits"), _over_elements, _share_over_elements, MOST_DIGITS, _cross_entropy_slopes
    ),
}


def value_of(name: str, inputs: dict[str, Any]) -> np.ndarray:
    """The exact value, an object array of mpf."""
    with mp.workdps(DIGITS):
        return np.asarray(FORMULAS[name][0](**inputs), dtype=object)


def gradient_of(name: str, cotangent: np.ndarray, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
    """The exact cotangent of every array input, object arrays of mpf."""
    with mp.workdps(DIGITS):
        return FORMULAS[name][1](cotangent, **inputs)


def distance(actual: Any, exact: np.ndarray) -> np.ndarray:
    """|actual − exact| as float64, infinite where `actual` is not finite."""
    actual = np.asarray(actual, dtype=np.float64)
    if actual.shape != exact.shape:
        raise AssertionError(f"expected shape {exact.shape}, got {actual.shape}")

    def of_one(a, e):
        with mp.workdps(MOST_DIGITS):
            return float(abs(mpf(float(a)) - e)) if np.isfinite(a) else np.inf

    return np.frompyfunc(of_one, 2, 1)(actual, exact).astype(np.float64) if actual.shape else np.float64(of_one(actual, exact[()]))
