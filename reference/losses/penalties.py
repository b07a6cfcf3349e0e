"""Penalties of weights, added to a loss so that they stay small or few."""

from __future__ import annotations

import numpy as np

from reference.arguments import number_between, real_array
from reference.domains import Number, Reals
from reference.specification import Array, KnownAnswer, Law, specify

_WEIGHTS = Reals(("inputs", "outputs"), -1e3, 1e3, typical=(-2.0, 2.0), edges=(0.0, 1.0, -1.0, 1e-4, 1e3, -1e3))
_STRENGTH = Number(0.0, 100.0, 0.01, edges=(0.0, 1.0, 1e-3))
_EXAMPLE = np.array([[1.0, -2.0], [0.0, 3.0]])


@specify(
    equation="λ Σ|w|",
    source="004",
    inputs={"weights": _WEIGHTS, "strength": _STRENGTH},
    comparable=lambda weights, **strengths: {"weights": np.not_equal(weights, 0.0)},
    laws=(
        Law("the penalty is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("doubling the weights doubles it", lambda f, x: (f(**{**x, "weights": 2.0 * x["weights"]}), 2.0 * f(**x))),
    ),
    known_answers=(KnownAnswer({"weights": _EXAMPLE, "strength": 0.5}, 3.0, "by hand"),),
    roundings=4,
)
def l1_penalty(weights, strength: float = 0.01) -> Array:
    """The sum of the magnitudes, which drives weights to zero. At 0 its slope is 0.

    Args:
        weights: w, (inputs, outputs).
        strength: λ ≥ 0.

    Returns:
        A scalar.

    Raises:
        ValueError: wrong rank, no weight, NaN, λ negative.
        TypeError: not a real array.

    Source: lecture notes 004, regularisation.

    >>> float(l1_penalty(np.array([[1.0, -2.0]]), 0.5))
    1.5
    """
    weights = real_array("weights", weights, rank=2)
    return number_between("strength", strength, 0.0, np.inf, low_included=True) * np.abs(weights).sum()


@specify(
    equation="λ Σw²",
    source="004",
    inputs={"weights": _WEIGHTS, "strength": _STRENGTH},
    smooth=True,
    laws=(
        Law("the penalty is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("doubling the weights makes four of it", lambda f, x: (f(**{**x, "weights": 2.0 * x["weights"]}), 4.0 * f(**x))),
    ),
    known_answers=(KnownAnswer({"weights": _EXAMPLE, "strength": 0.5}, 7.0, "by hand"),),
    roundings=5,
)
def l2_penalty(weights, strength: float = 0.01) -> Array:
    """The sum of the squares, without ½: a step of gradient descent multiplies the weights by 1 − 2ηλ.

    Args:
        weights: w, (inputs, outputs).
        strength: λ ≥ 0.

    Returns:
        A scalar.

    Raises:
        ValueError: wrong rank, no weight, NaN, λ negative.
        TypeError: not a real array.

    Source: lecture notes 004, regularisation.

    >>> float(l2_penalty(np.array([[1.0, -2.0]]), 0.5))
    2.5
    """
    weights = real_array("weights", weights, rank=2)
    return number_between("strength", strength, 0.0, np.inf, low_included=True) * (weights**2).sum()


@specify(
    equation="λ₁ Σ|w| + λ₂ Σw²",
    source="004; Zou & Hastie 2005",
    inputs={"weights": _WEIGHTS, "l1": _STRENGTH, "l2": _STRENGTH},
    comparable=lambda weights, **strengths: {"weights": np.not_equal(weights, 0.0)},
    laws=(
        Law("the penalty is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("it is the sum of its two parts", lambda f, x: (f(**{**x, "l1": 0.0}) + f(**{**x, "l2": 0.0}), f(**x))),
    ),
    known_answers=(KnownAnswer({"weights": _EXAMPLE, "l1": 0.5, "l2": 2.0}, 31.0, "by hand: 3 + 28"),),
    roundings=6,
)
def elastic_net_penalty(weights, l1: float = 0.01, l2: float = 0.01) -> Array:
    """Both penalties at once: few weights, and small ones.

    Args:
        weights: w, (inputs, outputs).
        l1: λ₁ ≥ 0, the strength of the magnitudes.
        l2: λ₂ ≥ 0, the strength of the squares, without ½.

    Returns:
        A scalar.

    Raises:
        ValueError: wrong rank, no weight, NaN, λ₁ or λ₂ negative.
        TypeError: not a real array.

    Source: lecture notes 004, regularisation; H. Zou & T. Hastie, 2005.

    >>> float(elastic_net_penalty(np.array([[1.0, -2.0]]), 0.5, 1.0))
    6.5
    """
    weights = real_array("weights", weights, rank=2)
    l1 = number_between("l1", l1, 0.0, np.inf, low_included=True)
    l2 = number_between("l2", l2, 0.0, np.inf, low_included=True)
    return l1 * np.abs(weights).sum() + l2 * (weights**2).sum()
