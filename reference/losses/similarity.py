"""Losses of directions."""

from __future__ import annotations

import numpy as np

from reference.arguments import REDUCTIONS, one_of, paired, reduce_batch
from reference.domains import Choice, Reals
from reference.specification import Array, KnownAnswer, Law, specify

_VECTORS = Reals(("batch", "features"), -1e6, 1e6, typical=(-2.0, 2.0), edges=(0.0, 1.0, -1.0, 1e-4))


@specify(
    equation="1 − x·y / (‖x‖ ‖y‖), the fraction 0 where a vector is 0; mean, sum or none over the batch",
    source="002 end",
    inputs={"inputs": _VECTORS, "others": _VECTORS, "reduction": Choice(REDUCTIONS)},
    smooth=True,
    laws=(
        Law("lengths do not matter", lambda f, x: (f(**{**x, "inputs": 2.0 * x["inputs"]}), f(**x))),
        Law(
            "the order of the two does not matter", lambda f, x: (f(**{**x, "inputs": x["others"], "others": x["inputs"]}), f(**x))
        ),
    ),
    known_answers=(
        KnownAnswer(
            {
                "inputs": np.array([[1.0, 0.0], [3.0, 4.0], [1.0, 1.0], [0.0, 0.0]]),
                "others": np.array([[0.0, 2.0], [6.0, 8.0], [-2.0, -2.0], [1.0, 1.0]]),
                "reduction": "none",
            },
            np.array([1.0, 0.0, 2.0, 1.0]),
            "by hand: at right angles, along, against, no direction",
        ),
    ),
    roundings=14,
)
def cosine_similarity_loss(inputs, others, reduction: str = "mean") -> Array:
    """One minus the cosine of the angle between two vectors. Where one of them is zero there is no angle: cosine and slope are 0.

    Args:
        inputs: x, (B, D).
        others: y, of the same shape.
        reduction: over the batch, "mean" | "sum" | "none".

    Returns:
        A scalar between 0 and 2 for "mean", or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses.

    >>> float(cosine_similarity_loss(np.array([[1.0, 0.0]]), np.array([[0.0, 5.0]])))
    1.0
    """
    inputs, others = paired("inputs", inputs, "others", others)
    one_of("reduction", reduction, REDUCTIONS)
    squares, other_squares = (inputs**2).sum(axis=1), (others**2).sum(axis=1)
    have_angle = (squares > 0.0) & (other_squares > 0.0)
    lengths = np.sqrt(np.where(have_angle, squares, 1.0)) * np.sqrt(np.where(have_angle, other_squares, 1.0))
    return reduce_batch(1.0 - np.where(have_angle, (inputs * others).sum(axis=1) / lengths, 0.0), reduction)
