"""Negative log-likelihoods of what a network says of a distribution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference.arguments import REDUCTIONS, one_of, paired, real_array, reduce_batch, same_shape_and_dtype
from reference.domains import Choice, Reals
from reference.specification import Array, KnownAnswer, Law, specify

_TARGETS = Reals(("batch", "features"), -1e3, 1e3, typical=(-2.0, 2.0), edges=(0.0, 1.0, -1.0, 1e3, -1e3), data=True)
_LN_2PI = float(np.log(2.0 * np.pi))


@specify(
    equation="Σ over features of ½(γ + (x − μ)² e^−γ) + ½ ln 2π, γ = ln σ²; mean, sum or none over the batch",
    source="002 end",
    inputs={
        "targets": _TARGETS,
        "mean": replace(_TARGETS, near="targets", data=False),
        "log_var": Reals(("batch", "features"), -20.0, 60.0, typical=(-3.0, 3.0), edges=(0.0, 1e-4, -1e-4, -20.0, 60.0)),
        "reduction": Choice(REDUCTIONS),
    },
    smooth=True,
    laws=(
        Law(
            "exchanging target and mean changes nothing",
            lambda f, x: (f(**{**x, "targets": x["mean"], "mean": x["targets"]}), f(**x)),
        ),
        Law("nothing is likelier than the mean", lambda f, x: (f(**x), f(**{**x, "targets": x["mean"]})), ">="),
    ),
    known_answers=(
        KnownAnswer(
            {"targets": np.array([[0.0, 3.0]]), "mean": np.array([[0.0, 1.0]]), "log_var": np.array([[0.0, 0.0]])},
            2.0 + float(np.log(2.0 * np.pi)),
            "by hand: 0 + ½ · 2², and ½ ln 2π twice",
        ),
    ),
    roundings=12,
)
def gaussian_nll_loss(targets, mean, log_var, reduction: str = "mean") -> Array:
    """−ln of the normal density with mean μ and variance e^γ, its constant included.

    Args:
        targets: x, (B, D).
        mean: μ, of the same shape, in units of the targets.
        log_var: γ = ln σ², of the same shape.
        reduction: over the batch, "mean" | "sum" | "none". The features are always summed.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: wrong rank, different shapes, empty batch, NaN, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 002, list of losses; Nix & Weigend 1994.

    >>> round(float(gaussian_nll_loss(np.array([[0.0]]), np.array([[0.0]]), np.array([[0.0]]))), 6)
    0.918939
    """
    same_shape_and_dtype("targets", targets, "log_var", log_var)
    targets, mean = paired("targets", targets, "mean", mean)
    log_var = real_array("log_var", log_var, rank=2)
    one_of("reduction", reduction, REDUCTIONS)
    elements = 0.5 * (log_var + (targets - mean) ** 2 * np.exp(-log_var)) + 0.5 * _LN_2PI
    return reduce_batch(elements.sum(axis=1), reduction)
