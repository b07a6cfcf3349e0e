"""Losses of what is compared: which of two scores is higher, which of two samples is nearer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference.arguments import (
    REDUCTIONS,
    cotangent_per_sample,
    number_between,
    one_of,
    paired,
    real_array,
    reduce_batch,
    same_shape_and_dtype,
)
from reference.domains import Choice, Number, Reals
from reference.specification import Array, KnownAnswer, Law, specify

_SCORES = Reals(("batch", "pairs"), -400.0, 400.0, typical=(-3.0, 3.0), edges=(0.0, 1.0, 20.0, -20.0, 400.0, -400.0))
_POINTS = Reals(("batch", "features"), -1e3, 1e3, typical=(-2.0, 2.0), edges=(0.0, 1.0, -1.0))


def _ranknet_loss_scale(scores, other_scores, targets, reduction="mean") -> Array:
    """As of cross-entropy from logits: libraries add terms as large as |d| that cancel, and d is rounded."""
    d, magnitude = np.asarray(scores) - other_scores, np.abs(scores) + np.abs(other_scores)
    return reduce_batch((3.0 * np.abs(d) + magnitude + np.log1p(np.exp(-np.abs(d)))).sum(axis=1), reduction)


def _ranknet_loss_gradient_scale(cotangent, scores, other_scores, targets, reduction="mean") -> dict[str, Array]:
    """σ(d) and t, and σ as e^(d − ln(1 + e^d)), whose exponent is rounded."""
    magnitude = np.abs(scores) + np.abs(other_scores)
    scale = np.abs(cotangent_per_sample(cotangent, reduction, len(scores))) * (2.0 + magnitude)
    return {"scores": scale, "other_scores": scale}


@specify(
    equation="Σ over pairs of ln(1 + e^d) − t d, d = s − s′; mean, sum or none over the batch",
    source="002 end; Burges et al. 2005",
    inputs={
        "scores": _SCORES,
        "other_scores": replace(_SCORES, near="scores"),
        "targets": Reals(("batch", "pairs"), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0, 0.5), data=True),
        "reduction": Choice(REDUCTIONS),
    },
    error_scale=_ranknet_loss_scale,
    gradient_scale=_ranknet_loss_gradient_scale,
    smooth=True,
    laws=(
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law(
            "exchanging the two scores and the target's meaning changes nothing",
            lambda f, x: (
                f(**{**x, "scores": x["other_scores"], "other_scores": x["scores"], "targets": 1.0 - x["targets"]}),
                f(**x),
            ),
        ),
    ),
    known_answers=(
        KnownAnswer(
            {"scores": np.array([[2.0]]), "other_scores": np.array([[2.0]]), "targets": np.array([[1.0]])},
            float(np.log(2.0)),
            "by hand: equal scores",
        ),
        KnownAnswer(
            {"scores": np.array([[-400.0]]), "other_scores": np.array([[400.0]]), "targets": np.array([[1.0]])}, 800.0, "by hand"
        ),
    ),
    roundings=10,
)
def ranknet_loss(scores, other_scores, targets, reduction: str = "mean") -> Array:
    """Cross-entropy of σ(s − s′) with the probability that the first is to rank higher; for targets of 1 it is BPR's loss.

    Args:
        scores: s, (B, P).
        other_scores: s′, of the same shape.
        targets: t in [0, 1], of the same shape: 1 where the first is better, ½ where they are equal.
        reduction: over the batch, "mean" | "sum" | "none". The pairs of a sample are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses; C. Burges et al., Learning to Rank using Gradient Descent, 2005.

    >>> round(float(ranknet_loss(np.array([[1.0]]), np.array([[1.0]]), np.array([[1.0]]))), 6)
    0.693147
    """
    same_shape_and_dtype("scores", scores, "targets", targets)
    scores, other_scores = paired("scores", scores, "other_scores", other_scores)
    targets = real_array("targets", targets, rank=2)
    one_of("reduction", reduction, REDUCTIONS)
    difference = scores - other_scores
    # ln(1 + e^d) − t d without a difference of large numbers.
    elements = (1.0 - targets) * np.logaddexp(0.0, difference) + targets * np.logaddexp(0.0, -difference)
    return reduce_batch(elements.sum(axis=1), reduction)


def _length(differences: Array) -> Array:
    """‖d‖ of every row, with slope 0 where it is 0."""
    squared = (differences**2).sum(axis=1)
    apart = squared > 0.0
    return np.where(apart, np.sqrt(np.where(apart, squared, 1.0)), 0.0)


@specify(
    equation="max(0, ‖a − p‖ − ‖a − n‖ + m); mean, sum or none over the batch",
    source="002 end; Schroff et al. 2015; Balntas et al. 2016",
    inputs={
        "anchors": _POINTS,
        "positives": replace(_POINTS, near="anchors"),
        "negatives": replace(_POINTS, near="anchors"),
        "margin": Number(0.0, 4.0, 1.0, edges=(0.5, 2.0)),
        "reduction": Choice(REDUCTIONS),
    },
    laws=(
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law(
            "where both are equally far the margin is the loss",
            lambda f, x: (
                f(**{**x, "negatives": x["positives"], "reduction": "none"}),
                0.0 * f(**{**x, "reduction": "none"}) + x.get("margin", 1.0),
            ),
        ),
    ),
    known_answers=(
        KnownAnswer(
            {
                "anchors": np.array([[0.0, 0.0], [0.0, 0.0]]),
                "positives": np.array([[3.0, 4.0], [0.0, 1.0]]),
                "negatives": np.array([[0.0, 2.0], [0.0, 9.0]]),
                "reduction": "none",
            },
            np.array([4.0, 0.0]),
            "by hand: 5 − 2 + 1, and far enough",
        ),
    ),
    roundings=10,
)
def triplet_margin_loss(anchors, positives, negatives, margin: float = 1.0, reduction: str = "mean") -> Array:
    """By how much a negative is not farther than the positive by the margin, in Euclidean distance. At a distance of 0 the slope is 0.

    Args:
        anchors: a, (B, D).
        positives: p, of the same shape.
        negatives: n, of the same shape.
        margin: m > 0, in units of the features.
        reduction: over the batch, "mean" | "sum" | "none".

    Returns:
        A scalar in units of the features, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, margin not positive, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses; V. Balntas et al., 2016.

    >>> float(triplet_margin_loss(np.array([[0.0]]), np.array([[2.0]]), np.array([[0.5]])))
    2.5
    """
    same_shape_and_dtype("anchors", anchors, "negatives", negatives)
    anchors, positives = paired("anchors", anchors, "positives", positives)
    negatives = real_array("negatives", negatives, rank=2)
    margin = number_between("margin", margin, 0.0, np.inf)
    one_of("reduction", reduction, REDUCTIONS)
    return reduce_batch(np.maximum(_length(anchors - positives) - _length(anchors - negatives) + margin, 0.0), reduction)
