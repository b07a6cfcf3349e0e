"""Losses of logits for a probability: squared error of the sigmoid, and cross-entropy that looks away from what is easy."""

from __future__ import annotations

import numpy as np

from reference.arguments import REDUCTIONS, cotangent_per_sample, number_between, one_of, paired, reduce_batch, unit_interval
from reference.domains import Bits, Choice, Number, Reals
from reference.layers.activations import sigmoid
from reference.specification import AcceptedForm, Array, KnownAnswer, Law, specify

_LOGITS = Reals(
    ("batch", "features"), -800.0, 800.0, typical=(-4.0, 4.0), edges=(0.0, 20.0, -20.0, 40.0, -40.0, 100.0, -100.0, 800.0, -800.0)
)
_PROBABILITIES = Reals(("batch", "features"), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0, 0.5), data=True)


# What is wrong by no more than a rounding is squared: nobody's loss is nearer to 0 than the square of one in float32.
_SQUARE_OF_A_ROUNDING = 2.0**-24


def _squared_error_scale(targets, logits, reduction="mean") -> Array:
    """½(y − t)² with the rounding of y and of the difference, |y − t| (y + t), and of z, |z| y (1 − y)."""
    y, t = sigmoid(np.asarray(logits)), np.asarray(targets)
    error, terms = np.abs(y - t), 1.0 + t
    elements = error**2 + error * (terms + np.abs(logits) * y * (1.0 - y)) + _SQUARE_OF_A_ROUNDING * terms**2
    return reduce_batch(elements.sum(axis=1), reduction)


def _squared_error_gradient_scale(cotangent, targets, logits, reduction="mean") -> dict[str, Array]:
    """(y − t) y (1 − y), where 1 − y is made of nothing but the rounding of y once that is near 1, and σ moves by |z| y (1 − y) u."""
    y, t = sigmoid(np.asarray(logits)), np.asarray(targets)
    share, slope, terms = np.abs(cotangent_per_sample(cotangent, reduction, len(logits))), y * (1.0 - y), 1.0 + t
    scale = np.abs(y - t) * (1.0 + np.abs(logits) * slope) + terms * (slope + np.abs(logits) * slope * slope)
    return {"logits": share * (scale + _SQUARE_OF_A_ROUNDING * terms)}


@specify(
    equation="Σ over features of ½(y − t)², y = σ(z); mean, sum or none over the batch",
    source="003 §7, 004",
    inputs={"targets": _PROBABILITIES, "logits": _LOGITS, "reduction": Choice(REDUCTIONS)},
    error_scale=_squared_error_scale,
    gradient_scale=_squared_error_gradient_scale,
    smooth=True,
    laws=(
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law(
            "exchanging the classes changes nothing",
            lambda f, x: (f(**{**x, "targets": 1.0 - x["targets"], "logits": -x["logits"]}), f(**x)),
        ),
    ),
    known_answers=(
        KnownAnswer({"targets": np.array([[1.0, 0.0]]), "logits": np.array([[0.0, 0.0]])}, 0.25, "by hand: σ(0) = ½"),
        KnownAnswer({"targets": np.array([[1.0]]), "logits": np.array([[-800.0]])}, 0.5, "by hand: as wrong as can be"),
    ),
    roundings=10,
)
def sigmoid_squared_error(targets, logits, reduction: str = "mean") -> Array:
    """Squared error of a sigmoid output. Its gradient (y − t) y (1 − y) vanishes where the output saturates, right or wrong.

    Args:
        targets: t, in [0, 1] where they are probabilities, (B, D).
        logits: z, of the same shape.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 003 §7 and 004.

    >>> float(sigmoid_squared_error(np.array([[1.0]]), np.array([[0.0]])))
    0.125
    """
    targets, logits = paired("targets", targets, "logits", logits)
    one_of("reduction", reduction, REDUCTIONS)
    # y − t without a difference of numbers near 1.
    error = (1.0 - targets) * sigmoid(logits) - targets * sigmoid(-logits)
    return reduce_batch((0.5 * error**2).sum(axis=1), reduction)


def _focal_loss_literally(targets, logits, gamma=2.0, alpha=0.25, reduction="mean") -> Array:
    """(1 − p_t)^γ by the probability, beside a cross-entropy from logits, as libraries have it."""
    p = sigmoid(logits)
    right, weights = p * targets + (1.0 - p) * (1.0 - targets), alpha * targets + (1.0 - alpha) * (1.0 - targets)
    return reduce_batch(
        (weights * (1.0 - right) ** gamma * ((1.0 - targets) * logits + np.logaddexp(0.0, -logits))).sum(axis=1), reduction
    )


@specify(
    equation="−Σ over features of α_t (1 − p_t)^γ ln p_t, p_t = σ(z) and α_t = α for t = 1, the rest for t = 0; mean, sum or none",
    source="002 end; Lin et al. 2017, eq. 5",
    inputs={
        "targets": Bits(("batch", "features")),
        "logits": _LOGITS,
        # Below 1 the power has an infinite slope where 1 − p_t is rounded to 0.
        "gamma": Number(1.0, 5.0, 2.0, edges=(1.0,)),
        "alpha": Number(0.0, 1.0, 0.25, edges=(0.5, 0.75)),
        "reduction": Choice(REDUCTIONS),
    },
    smooth=True,
    accepted=(
        AcceptedForm(
            "literal_focal",
            "α_t (1 − p_t)^γ ln(1 + e^∓z)",
            {
                "en": "written with 1 − p_t, which loses digits where the right class is nearly certain",
                "ko": "1 − p_t로 썼습니다. 맞는 클래스를 거의 확신하는 곳에서 자릿수를 잃습니다",
            },
            _focal_loss_literally,
        ),
    ),
    laws=(
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law(
            "exchanging the classes and their weights changes nothing",
            lambda f, x: (
                f(**{**x, "targets": 1.0 - x["targets"], "logits": -x["logits"], "alpha": 1.0 - x.get("alpha", 0.25)}),
                f(**x),
            ),
        ),
    ),
    known_answers=(
        KnownAnswer(
            {"targets": np.array([[1.0, 0.0]]), "logits": np.array([[0.0, 0.0]]), "gamma": 2.0, "alpha": 0.25},
            0.25 * np.log(2.0),
            "by hand: (¼ + ¾) · ½² · ln 2",
        ),
    ),
    roundings=16,
)
def focal_loss(targets, logits, gamma: float = 2.0, alpha: float = 0.25, reduction: str = "mean") -> Array:
    """Cross-entropy of a binary target, less the more the right class is believed: (1 − p)^γ = e^(−γ ln(1 + e^z)), never 0 to a power.

    Args:
        targets: t, zeros and ones, (B, D).
        logits: z, of the same shape.
        gamma: γ ≥ 0; 0 is the weighted cross-entropy.
        alpha: α in (0, 1), the weight of the ones.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, targets outside [0, 1], γ or α outside their range, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses; T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017.

    >>> round(float(focal_loss(np.array([[1.0]]), np.array([[0.0]]))), 4)
    0.0433
    """
    targets, logits = paired("targets", targets, "logits", logits)
    unit_interval("targets", targets)
    gamma = number_between("gamma", gamma, 0.0, np.inf, low_included=True)
    alpha = number_between("alpha", alpha, 0.0, 1.0)
    one_of("reduction", reduction, REDUCTIONS)
    towards = (2.0 * targets - 1.0) * logits
    weights = alpha * targets + (1.0 - alpha) * (1.0 - targets)
    elements = weights * np.exp(-gamma * np.logaddexp(0.0, towards)) * np.logaddexp(0.0, -towards)
    return reduce_batch(elements.sum(axis=1), reduction)
