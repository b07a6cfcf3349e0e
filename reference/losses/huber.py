"""Huber's loss: a parabola round zero, straight lines outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference.arguments import (
    REDUCTIONS,
    cotangent_per_sample,
    number_between,
    one_of,
    real_array,
    reduce_batch,
    same_shape_and_dtype,
)
from reference.domains import Choice, Number, Reals
from reference.specification import Array, KnownAnswer, Law, specify

_TARGETS = Reals(("batch", "features"), -1e6, 1e6, typical=(-2.0, 2.0), edges=(0.0, 1.0, -1.0, 1e-4, 1e6, -1e6))


def huber_loss_vjp(cotangent: Array, targets, predictions, delta=1.0, reduction="mean") -> dict[str, Array]:
    """∂/∂p = e inside δ and ±δ outside, ∂/∂t the opposite, each times the sample's share."""
    error = np.asarray(predictions) - targets
    gradient = np.clip(error, -delta, delta) * cotangent_per_sample(cotangent, reduction, len(error))
    return {"targets": -gradient, "predictions": gradient}


def _huber_loss_scale(targets, predictions, delta=1.0, reduction="mean") -> Array:
    """The terms ½e² or δ|e| and ½δ², and the rounding of e itself, |slope|·(|t| + |p|)."""
    error, magnitude = np.abs(np.asarray(predictions) - targets), np.abs(targets) + np.abs(predictions)
    slope = np.minimum(error, delta)
    return reduce_batch((slope * (error + 0.5 * slope + magnitude)).sum(axis=1), reduction)


def _huber_loss_gradient_scale(cotangent, targets, predictions, delta=1.0, reduction="mean") -> dict[str, Array]:
    """The rounding of e inside, and of δ alone where no rounding of e leads back inside."""
    error, magnitude = np.abs(np.asarray(predictions) - targets), np.abs(targets) + np.abs(predictions)
    scale = np.where(error < 2 * delta, magnitude + delta, delta) * np.abs(cotangent_per_sample(cotangent, reduction, len(error)))
    return {"targets": scale, "predictions": scale}


@specify(
    equation="Σ over features of ½e² where |e| ≤ δ, δ(|e| − ½δ) elsewhere, e = p − t; mean, sum or none over the batch",
    source="002 end",
    inputs={
        "targets": replace(_TARGETS, data=True),
        "predictions": replace(_TARGETS, near="targets"),
        "delta": Number(0.0, 4.0, 1.0, edges=(0.5, 2.0)),
        "reduction": Choice(REDUCTIONS),
    },
    vjp=huber_loss_vjp,
    error_scale=_huber_loss_scale,
    gradient_scale=_huber_loss_gradient_scale,
    laws=(
        Law(
            "the loss is even in the error",
            lambda f, x: (f(**{**x, "targets": x["predictions"], "predictions": x["targets"]}), f(**x)),
        ),
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("a perfect prediction costs nothing", lambda f, x: (f(**{**x, "predictions": x["targets"]}), 0 * f(**x))),
    ),
    known_answers=(
        KnownAnswer(
            {"targets": np.array([[0.0, 0.0, 1.0]]), "predictions": np.array([[0.5, -3.0, 1.0]]), "delta": 1.0},
            2.625,
            "by hand: 1/8 + 5/2 + 0",
        ),
    ),
    roundings=8,
)
def huber_loss(targets, predictions, delta: float = 1.0, reduction: str = "mean") -> Array:
    """Squared error for small errors, absolute error for large ones, joined with one slope at δ.

    Args:
        targets: t, (B, D).
        predictions: p, of the same shape.
        delta: δ > 0, where the parabola ends, in units of the targets.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in squared units of the targets, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, `delta` not positive, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses; P. J. Huber, Robust Estimation of a Location Parameter, 1964.

    >>> huber_loss(np.array([[0.0], [0.0]]), np.array([[0.5], [3.0]]), reduction="none").tolist()
    [0.125, 2.5]
    """
    same_shape_and_dtype("targets", targets, "predictions", predictions)
    targets, predictions = real_array("targets", targets, rank=2), real_array("predictions", predictions, rank=2)
    delta = number_between("delta", delta, 0.0, np.inf)
    one_of("reduction", reduction, REDUCTIONS)
    error = np.abs(predictions - targets)
    inside = np.minimum(error, delta)
    return reduce_batch((inside * (error - 0.5 * inside)).sum(axis=1), reduction)
