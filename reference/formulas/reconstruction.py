"""How far a reconstruction is from its input: squared error, and cross-entropy from logits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reference.arguments import REDUCTIONS, one_of, real_array, same_shape_and_dtype, unit_interval
from reference.domains import Choice, Reals
from reference.layers.activations import sigmoid
from reference.specification import AcceptedForm, Array, KnownAnswer, Law, specify

_FEATURES = Reals(("batch", "features"), -1e6, 1e6, typical=(-2.0, 2.0), edges=(0.0, 1.0, 1e-4, 1e6, -1e6))


def _reduce(elements: Array, reduction: str) -> Array:
    """ "mean" over every element; "sum" over features, mean over the batch; "none" the sums of the samples, (B,)."""
    if reduction == "mean":
        return elements.mean()
    per_sample = elements.reshape(len(elements), -1).sum(axis=1)
    return per_sample.mean() if reduction == "sum" else per_sample


def _per_element(cotangent: Array, reduction: str, shape: tuple[int, ...]) -> Array:
    """The cotangent of every element's loss, broadcastable to `shape`."""
    if reduction == "none":
        return np.reshape(cotangent, (shape[0],) + (1,) * (len(shape) - 1))
    return np.asarray(cotangent) / (np.prod(shape) if reduction == "mean" else shape[0])


def mean_squared_error_vjp(cotangent: Array, inputs, reconstructions, reduction="mean") -> dict[str, Array]:
    """∂/∂r = 2 (r − x), ∂/∂x the opposite, each times the element's share."""
    gradient = 2.0 * (np.asarray(reconstructions) - inputs) * _per_element(cotangent, reduction, np.shape(inputs))
    return {"inputs": -gradient, "reconstructions": gradient}


def _mean_squared_error_scale(inputs, reconstructions, reduction="mean") -> Array:
    difference, magnitude = np.abs(np.asarray(inputs) - reconstructions), np.abs(inputs) + np.abs(reconstructions)
    return _reduce(difference**2 + 2 * difference * magnitude, reduction)


def _mean_squared_error_gradient_scale(cotangent, inputs, reconstructions, reduction="mean") -> dict[str, Array]:
    magnitude = np.abs(inputs) + np.abs(reconstructions)
    scale = 4 * magnitude * np.abs(_per_element(cotangent, reduction, np.shape(inputs)))
    return {"inputs": scale, "reconstructions": scale}


@specify(
    equation='Σ(x − r)²; "mean" over every element, "sum" over features and mean over the batch, "none" a sample',
    source="003 §6b",
    inputs={
        "inputs": replace(_FEATURES, data=True),
        # Near the inputs the difference is small beside both, and has to keep its digits.
        "reconstructions": replace(_FEATURES, near="inputs"),
        "reduction": Choice(REDUCTIONS),
    },
    vjp=mean_squared_error_vjp,
    error_scale=_mean_squared_error_scale,
    gradient_scale=_mean_squared_error_gradient_scale,
    laws=(
        Law(
            "exchanging input and reconstruction changes nothing",
            lambda f, x: (f(**{**x, "inputs": x["reconstructions"], "reconstructions": x["inputs"]}), f(**x)),
        ),
        Law("the error is never negative", lambda f, x: (f(**x), 0.0), ">="),
        Law("a perfect reconstruction has no error", lambda f, x: (f(**{**x, "reconstructions": x["inputs"]}), 0 * f(**x))),
    ),
    known_answers=(
        KnownAnswer(
            {"inputs": np.array([[0.0, 1.0, 2.0]]), "reconstructions": np.array([[1.0, 1.0, 0.0]]), "reduction": "sum"},
            5.0,
            "by hand",
        ),
    ),
    roundings=6,
)
def mean_squared_error(inputs, reconstructions, reduction: str = "mean") -> Array:
    """Squared reconstruction error.

    Args:
        inputs: x, (B, …).
        reconstructions: r, of the same shape.
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar, or (B,) for "none".

    Raises:
        ValueError: rank below 2, different shapes, empty batch, NaN, unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 003 §6b.

    >>> float(mean_squared_error(np.array([[0.0, 2.0]]), np.array([[1.0, 2.0]])))
    0.5
    """
    same_shape_and_dtype("inputs", inputs, "reconstructions", reconstructions)
    inputs = real_array("inputs", inputs, least_rank=2)
    reconstructions = real_array("reconstructions", reconstructions, least_rank=2)
    return _reduce((inputs - reconstructions) ** 2, one_of("reduction", reduction, REDUCTIONS))


def binary_cross_entropy_vjp(cotangent: Array, targets, logits, reduction="mean") -> dict[str, Array]:
    """∂/∂z = sigmoid(z) − t, ∂/∂t = −z, each times the element's share."""
    share = _per_element(cotangent, reduction, np.shape(logits))
    return {"targets": -share * np.asarray(logits), "logits": share * (sigmoid(np.asarray(logits)) - targets)}


def _binary_cross_entropy_scale(targets, logits, reduction="mean") -> Array:
    """Terms (1−t)·|z|, max(−z, 0) or max(z, 0), |t·z| and ln(1+e^−|z|) of the stable forms in use, and conditioning |z(σ(z)−t)| + |tz|.

    PyTorch and TensorFlow add terms as large as |z| that cancel where t is near 0 or 1; they are stable, so they fit.
    """
    z, t = np.asarray(logits), np.asarray(targets)
    terms = np.abs(z) + np.abs(z * t) + np.log1p(np.exp(-np.abs(z)))
    return _reduce(terms + np.abs(z) * np.abs(sigmoid(z) - t) + np.abs(z * t), reduction)


def _binary_cross_entropy_gradient_scale(cotangent, targets, logits, reduction="mean") -> dict[str, Array]:
    """By a target automatic differentiation adds ln(1 + e^−z) and ln(1 + e^z), whose difference is z; by a logit σ(z) and t.

    Where σ is computed as e^(z − ln(1 + e^z)), the exponent is rounded to |z| u, so σ to |z| σ u.
    """
    share = np.abs(_per_element(cotangent, reduction, np.shape(logits)))
    z, s = np.asarray(logits), sigmoid(np.asarray(logits))
    both_softplus = np.abs(z) + 2 * np.log1p(np.exp(-np.abs(z)))
    return {"targets": share * (np.abs(z) + both_softplus), "logits": share * (s + 2 * np.asarray(targets) + np.abs(z) * s)}


def _binary_cross_entropy_literally(targets, logits, reduction="mean") -> Array:
    """NaN where σ is too small a number to hold all digits: there it is no way to the value, as where σ is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        probabilities = sigmoid(logits)
        probabilities = np.where(probabilities < np.finfo(probabilities.dtype).tiny, np.nan, probabilities)
        elements = -targets * np.log(probabilities) - (1 - targets) * np.log(1 - probabilities)
    return _reduce(elements, reduction)


def _binary_cross_entropy_literally_scale(targets, logits, reduction="mean") -> Array:
    """σ is rounded, to u of itself, before it is taken from 1: in the logarithm of 1 − σ that is u·σ/(1−σ) = u·e^z."""
    t, z = np.asarray(targets), np.asarray(logits)
    with np.errstate(over="ignore", invalid="ignore"):  # 0 · ∞ where t is 1
        lost = np.where(t < 1, (1 - t) * np.exp(z), 0.0)
    return _reduce(lost, reduction) + _binary_cross_entropy_scale(targets, logits, reduction)


_FROM_PROBABILITIES = AcceptedForm(
    name="log_of_sigmoid",
    equation="−t ln σ(z) − (1−t) ln(1 − σ(z))",
    remark={
        "en": "loses digits for large logits, where the sigmoid is almost 1",
        "ko": "시그모이드가 거의 1인 큰 로짓에서 유효숫자를 잃습니다",
    },
    evaluate=_binary_cross_entropy_literally,
    error_scale=_binary_cross_entropy_literally_scale,
)


def _one_softplus_literally(targets, logits, reduction="mean") -> Array:
    elements = (1 - targets) * logits + np.maximum(-logits, 0) + np.log1p(np.exp(-np.abs(logits)))
    return _reduce(elements, reduction)


def _one_softplus_gradient_scale(cotangent, targets, logits, reduction="mean") -> dict[str, Array]:
    """The terms 1 − t and σ(−z), which is almost 1 for a large negative logit; of σ(z) − t the digits of 1 are left."""
    share = np.abs(_per_element(cotangent, reduction, np.shape(logits)))
    stable = _binary_cross_entropy_gradient_scale(cotangent, targets, logits, reduction)
    return {**stable, "logits": stable["logits"] + share * (2 - np.asarray(targets))}


_ONE_SOFTPLUS = AcceptedForm(
    name="one_softplus",
    equation="(1−t) z + ln(1 + e^−z)",
    remark={
        "en": "loses digits of the gradient for large negative logits",
        "ko": "큰 음의 로짓에서 그래디언트의 유효숫자를 잃습니다",
    },
    evaluate=_one_softplus_literally,
    error_scale=_binary_cross_entropy_scale,
    gradient_scale=_one_softplus_gradient_scale,
)


def _max_product_literally(targets, logits, reduction="mean") -> Array:
    return _reduce(np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits))), reduction)


def _max_product_gradient_scale(cotangent, targets, logits, reduction="mean") -> dict[str, Array]:
    """max(z, 0) and |z| have no slope at 0, though their sum has one: automatic differentiation takes that of one side of each."""
    stable = _binary_cross_entropy_gradient_scale(cotangent, targets, logits, reduction)
    return {**stable, "logits": np.where(np.asarray(logits) == 0, np.inf, stable["logits"])}


_MAX_PRODUCT = AcceptedForm(
    name="max_product",
    equation="max(z, 0) − z t + ln(1 + e^−|z|)",
    remark={
        "en": "has the gradient of one side where a logit is exactly 0",
        "ko": "로짓이 정확히 0인 곳에서 한쪽의 그래디언트를 갖습니다",
    },
    evaluate=_max_product_literally,
    error_scale=_binary_cross_entropy_scale,
    gradient_scale=_max_product_gradient_scale,
)


@specify(
    equation="ln(1 + e^z) − t·z of every element; reductions as in mean_squared_error",
    source="003 §2",
    inputs={
        "targets": Reals(("batch", "features"), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0, 0.5), data=True),
        "logits": Reals(
            ("batch", "features"), -800.0, 800.0, typical=(-4.0, 4.0), edges=(0.0, 20.0, -20.0, 40.0, -40.0, 800.0, -800.0, 1e-4)
        ),
        "reduction": Choice(REDUCTIONS),
    },
    vjp=binary_cross_entropy_vjp,
    error_scale=_binary_cross_entropy_scale,
    gradient_scale=_binary_cross_entropy_gradient_scale,
    laws=(
        Law(
            "exchanging the classes, t → 1−t and z → −z, changes nothing",
            lambda f, x: (f(**{**x, "targets": 1 - x["targets"], "logits": -x["logits"]}), f(**x)),
        ),
        Law("the loss is never negative", lambda f, x: (f(**x), 0.0 * f(**x)), ">="),
    ),
    known_answers=(
        KnownAnswer({"targets": np.array([[0.0, 1.0]]), "logits": np.zeros((1, 2))}, float(np.log(2.0)), "logit 0 costs ln 2"),
        KnownAnswer({"targets": np.array([[1.0]]), "logits": np.array([[-800.0]])}, 800.0, "stable form: −z for z → −∞"),
    ),
    roundings=6,
    accepted=(_ONE_SOFTPLUS, _MAX_PRODUCT, _FROM_PROBABILITIES),
)
def binary_cross_entropy(targets, logits, reduction: str = "mean") -> Array:
    """Cross-entropy of Bernoulli targets, from logits: softplus(z) − t·z.

    Computed as t·softplus(−z) + (1−t)·softplus(z) with softplus(z) = max(z, 0) + ln(1 + e^−|z|): no term cancels and every finite
    logit gives a finite loss.

    Args:
        targets: t in [0, 1], (B, …).
        logits: z, of the same shape; the probability is sigmoid(z).
        reduction: "mean" over every element | "sum" over features, mean over the batch | "none": the sum of every sample.

    Returns:
        A scalar in nats, or (B,) for "none".

    Raises:
        ValueError: rank below 2, different shapes (labels are never broadcast), empty batch, NaN, a target outside [0, 1],
            unknown reduction.
        TypeError: not real arrays, or of different dtypes.

    Source: lecture notes 003 §2.

    >>> float(binary_cross_entropy(np.array([[1.0]]), np.array([[-800.0]])))
    800.0
    """
    same_shape_and_dtype("targets", targets, "logits", logits)
    targets = unit_interval("targets", real_array("targets", targets, least_rank=2))
    logits = real_array("logits", logits, least_rank=2)
    tail = np.log1p(np.exp(np.where(np.real(logits) > 0, -logits, logits)))
    positive, negative = np.where(np.real(logits) > 0, logits, 0.0), np.where(np.real(logits) > 0, 0.0, -logits)
    elements = targets * (negative + tail) + (1.0 - targets) * (positive + tail)
    return _reduce(elements, one_of("reduction", reduction, REDUCTIONS))
