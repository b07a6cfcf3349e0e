"""Absolute error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference.arguments import REDUCTIONS, one_of, paired
from reference.domains import Choice, Reals
from reference.specification import Array, KnownAnswer, Law, specify

_TARGETS = Reals(("batch", "features"), -1e6, 1e6, typical=(-2.0, 2.0), edges=(0.0, 1.0, -1.0, 1e-4, 1e6, -1e6), data=True)


@specify(
    equation='|t − p|; "mean" over every element, "sum" over features and mean over the batch, "none" a sample',
    source="002 end",
    inputs={
        "targets": _TARGETS,
        "predictions": replace(_TARGETS, near="targets", data=False),
        "reduction": Choice(REDUCTIONS),
    },
    comparable=lambda targets, predictions, reduction="mean": {"predictions": np.not_equal(targets, predictions)},
    laws=(
        Law("the error is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("a perfect prediction costs nothing", lambda f, x: (f(**{**x, "predictions": x["targets"]}), 0 * f(**x))),
    ),
    known_answers=(
        KnownAnswer(
            {"targets": np.array([[0.0, 1.0], [2.0, 2.0]]), "predictions": np.array([[1.0, -1.0], [2.0, 5.0]])}, 1.5, "by hand"
        ),
    ),
    roundings=6,
)
def mean_absolute_error(targets, predictions, reduction: str = "mean") -> Array:
    """How far predictions are from their targets. Where one is met its slope is 0.

    Args:
        targets: t, (B, D).
        predictions: p, of the same shape.
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar in units of the targets, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses.

    >>> float(mean_absolute_error(np.array([[0.0, 2.0]]), np.array([[1.0, 2.0]])))
    0.5
    """
    targets, predictions = paired("targets", targets, "predictions", predictions)
    error = np.abs(targets - predictions)
    if one_of("reduction", reduction, REDUCTIONS) == "mean":
        return error.mean()
    per_sample = error.sum(axis=1)
    return per_sample.mean() if reduction == "sum" else per_sample
