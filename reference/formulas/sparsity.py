"""Penalties that keep codings sparse: Kullback-Leibler divergence of mean activities, and the L1 norm of activities."""

from __future__ import annotations

import math

import numpy as np

from reference.arguments import number_between, real_array, unit_interval
from reference.domains import Number, Reals
from reference.specification import Array, KnownAnswer, Law, specify


def _mean_activity(activations: Array, epsilon: float) -> tuple[Array, Array]:
    """p̂ before and after it is clipped to [ε, 1−ε]; each (D,)."""
    mean = activations.mean(axis=0)
    return mean, np.minimum(np.maximum(mean, epsilon), 1.0 - epsilon)


def _log_ratio(a: float, b: Array, difference: Array) -> Array:
    """ln(a/b), given a − b. log1p keeps the digits that ln loses near 1, and would itself lose them where a ≪ b."""
    near = np.abs(difference) < 0.5 * np.abs(b)
    return np.where(near, np.log1p(np.where(near, difference / b, 0.0)), np.log(a / b))


def kl_sparsity_loss_vjp(cotangent: Array, activations, target=0.1, weight=1.0, epsilon=1e-7) -> dict[str, Array]:
    """∂/∂a_bj = weight · (p̂_j − p) / (p̂_j (1−p̂_j)) / B inside the clip, 0 outside."""
    activations = np.asarray(activations, dtype=np.float64)
    mean, clipped = _mean_activity(activations, epsilon)
    slope = np.where(mean == clipped, (clipped - target) / (clipped * (1.0 - clipped)), 0.0)
    row = cotangent * weight * slope / activations.shape[0]
    return {"activations": np.broadcast_to(row, activations.shape)}


def _kl_sparsity_scale(activations, target=0.1, weight=1.0, epsilon=1e-7) -> Array:
    """Terms p·ln p, p·ln p̂, (1−p)·ln(1−p), (1−p)·ln(1−p̂), the roundings of both ratios, and conditioning in p̂ and p.

    Near the upper clip 1−ε is itself rounded; |∂f/∂p̂ · p̂| at the clipped p̂ accounts for it.
    """
    p, q = target, _mean_activity(np.asarray(activations), epsilon)[1]
    terms = p * (abs(math.log(p)) - np.log(q)) + (1 - p) * (abs(math.log1p(-p)) - np.log1p(-q))
    ratios = 1.0
    in_activity = np.abs(q - p) / (q * (1 - q)) * q + (1 - p) * q / (1 - q)
    in_target = p * np.abs(math.log(p) - np.log(q) - math.log1p(-p) + np.log1p(-q))
    return weight * (terms + ratios + in_activity + in_target).sum()


def _kl_sparsity_gradient_scale(cotangent, activations, target=0.1, weight=1.0, epsilon=1e-7) -> dict[str, Array]:
    """The gradient is p/p̂ against (1−p)/(1−p̂): both magnitudes, and how each moves with p̂ and p."""
    activations = np.asarray(activations)
    p, q = target, _mean_activity(activations, epsilon)[1]
    terms = p / q + (1 - p) / (1 - q)
    conditioning = p / q + (1 - p) * q / (1 - q) ** 2 + p / (q * (1 - q))
    row = np.abs(cotangent) * weight * (terms + conditioning) / activations.shape[0]
    return {"activations": np.broadcast_to(row, activations.shape)}


def _inside_clip(activations, target=0.1, weight=1.0, epsilon=1e-7) -> dict[str, Array]:
    """Gradients are compared inside the clip only, and not within a rounding error of its ends."""
    activations = np.asarray(activations)
    mean, _ = _mean_activity(activations, epsilon)
    margin = 2.0**-20
    inside = (mean > epsilon * (1 + margin)) & (mean < 1 - epsilon - margin)  # near 1 a mean is rounded to u, not to u ε
    return {"activations": np.broadcast_to(inside, activations.shape)}


@specify(
    equation="weight · Σ_D [p ln(p/p̂) + (1−p) ln((1−p)/(1−p̂))],  p̂ = clip(mean over the batch, ε, 1−ε)",
    source="000 §4.2.2",
    inputs={
        "activations": Reals(
            ("batch", "units"), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0, 0.5, 1e-7, 1e-4, 1 - 1e-7, 1 - 1e-4, "target")
        ),
        "target": Number(0.0, 1.0, default=0.1, edges=(0.05, 0.5, 0.9, 0.01)),
        "weight": Number(0.0, 100.0, default=1.0, edges=(0.0, 0.05)),
        "epsilon": Number(0.0, 0.5, default=1e-7, edges=(1e-6, 1e-4, 1e-2)),
    },
    vjp=kl_sparsity_loss_vjp,
    error_scale=_kl_sparsity_scale,
    gradient_scale=_kl_sparsity_gradient_scale,
    comparable=_inside_clip,
    laws=(
        Law("the order of the batch does not matter", lambda f, x: (f(**{**x, "activations": x["activations"][::-1]}), f(**x))),
        Law("the order of the units does not matter", lambda f, x: (f(**{**x, "activations": x["activations"][:, ::-1]}), f(**x))),
        Law(
            "exchanging active and inactive, a → 1−a and p → 1−p, changes nothing",
            lambda f, x: (f(**{**x, "activations": 1 - x["activations"], "target": 1 - x["target"]}), f(**x)),
        ),
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("weight is a factor", lambda f, x: (f(**{**x, "weight": 2 * x["weight"]}), 2 * f(**x))),
    ),
    known_answers=(
        KnownAnswer({"activations": np.full((3, 2), 0.25), "target": 0.25}, 0.0, "KL(p‖p) = 0"),
        KnownAnswer({"activations": np.full((2, 3), 0.5), "target": 0.25}, 3 * (0.75 * math.log(3) - math.log(2)), "by hand"),
    ),
    roundings=8,
)
def kl_sparsity_loss(activations, target: float = 0.1, weight: float = 1.0, epsilon: float = 1e-7) -> Array:
    """Penalty that pulls the mean activity of every unit towards a target.

    weight · Σ_D KL(Bernoulli(p) ‖ Bernoulli(p̂)),  p̂ = clip(mean of activations over the batch, ε, 1−ε).

    Args:
        activations: (B, D), each in [0, 1].
        target: p, the wanted mean activity, in (0, 1).
        weight: factor, not negative.
        epsilon: ε, half-open guard of the logarithms, in (0, 0.5).

    Returns:
        A scalar in nats: summed over units, divided by neither D nor B.

    Raises:
        ValueError: wrong rank, empty batch, an activation outside [0, 1], NaN, or an argument outside its interval.
        TypeError: an argument that is not a real array or a number.

    Source: lecture notes 000 §4.2.2; A. Ng, CS294A "Sparse autoencoder".

    >>> float(kl_sparsity_loss(np.full((4, 3), 0.1), target=0.1))
    0.0
    """
    activations = unit_interval("activations", real_array("activations", activations, rank=2))
    p = number_between("target", target, 0.0, 1.0)
    weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
    epsilon = number_between("epsilon", epsilon, 0.0, 0.5)
    mean = activations.mean(axis=0)
    q = np.where(np.real(mean) < epsilon, epsilon, np.where(np.real(mean) > 1.0 - epsilon, 1.0 - epsilon, mean))
    return weight * (p * _log_ratio(p, q, p - q) + (1.0 - p) * _log_ratio(1.0 - p, 1.0 - q, q - p)).sum()


def l1_activity_loss_vjp(cotangent: Array, activations, weight=1e-3) -> dict[str, Array]:
    """∂/∂a = weight · sign(a) / B."""
    return {"activations": cotangent * weight * np.sign(activations) / np.shape(activations)[0]}


@specify(
    equation="weight · Σ|a| / B",
    source="000 §4.2.1",
    inputs={
        "activations": Reals(("batch", "units"), -1e6, 1e6, typical=(-2.0, 2.0), edges=(0.0, 1e-30, -1e-30, 1e6, -1e6)),
        "weight": Number(0.0, 100.0, default=1e-3, edges=(0.0, 1.0)),
    },
    vjp=l1_activity_loss_vjp,
    error_scale=lambda activations, weight=1e-3: 2 * weight * np.abs(activations).sum() / np.shape(activations)[0],
    gradient_scale=lambda cotangent, activations, weight=1e-3: {
        "activations": np.full(np.shape(activations), np.abs(cotangent) * weight / np.shape(activations)[0])
    },
    # At zero every slope in [−1, 1] is a subgradient.
    comparable=lambda activations, weight=1e-3: {"activations": np.asarray(activations) != 0},
    laws=(
        Law("the sign of an activation does not matter", lambda f, x: (f(**{**x, "activations": -x["activations"]}), f(**x))),
        Law(
            "stating every sample twice changes nothing",
            lambda f, x: (f(**{**x, "activations": np.concatenate([x["activations"]] * 2)}), f(**x)),
        ),
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0), ">="),
    ),
    known_answers=(
        KnownAnswer({"activations": np.array([[1.0, -2.0, 3.0], [0.0, 0.5, -0.5]]), "weight": 0.5}, 1.75, "by hand: 0.5 · 7 / 2"),
    ),
    roundings=4,
)
def l1_activity_loss(activations, weight: float = 1e-3) -> Array:
    """Penalty on the absolute activities: weight · Σ|a| / B.

    Args:
        activations: (B, D), any real values.
        weight: λ, not negative.

    Returns:
        A scalar: summed over units, averaged over the batch.

    Raises:
        ValueError: wrong rank, empty batch, NaN, or a negative weight.
        TypeError: an argument that is not a real array or a number.

    Source: lecture notes 000 §4.2.1; the meaning of `ActivityRegularization(l1)` in tf.keras and Keras ≥ 3.14.

    >>> float(l1_activity_loss(np.array([[1.0, -2.0], [0.0, 3.0]]), weight=0.5))
    1.5
    """
    activations = real_array("activations", activations, rank=2)
    weight = number_between("weight", weight, 0.0, math.inf, low_included=True)
    magnitude = np.where(np.real(activations) < 0, -activations, activations)  # |a|, but differentiable by complex step
    return weight * magnitude.sum() / activations.shape[0]
