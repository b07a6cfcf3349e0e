"""Miniature implementations of every formula: correct ones, differently written, and the parts from which wrong ones are made.

Each takes arrays of one precision and computes in that precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Table = Mapping[str, Mapping[str, Callable[..., object]]]

ln, exp = np.log, np.exp


def bernoulli(p, q):
    """KL of two Bernoulli distributions, in the naive form."""
    return p * ln(p / q) + (1 - p) * ln((1 - p) / (1 - q))


def stable_bernoulli(p, q):
    """The same by log1p of the relative distance where q is near p, by logarithms elsewhere."""
    near = np.abs(q - p) < 0.25 * min(p, 1 - p)
    d = np.where(near, q - p, 0)
    active = np.where(near, np.log1p(d / p), ln(q) - ln(q.dtype.type(p)))
    inactive = np.where(near, np.log1p(-d / (1 - p)), np.log1p(-q) - np.log1p(-q.dtype.type(p)))
    return -p * active - (1 - p) * inactive


def kl(divergence=bernoulli, average=lambda a: a.mean(axis=0), low=1e-7, high=1 - 1e-7, total=np.sum):
    """A KL sparsity penalty with one part exchanged."""

    def penalty(activations, target, weight):
        q = np.clip(average(activations), activations.dtype.type(low), activations.dtype.type(high))
        return weight * total(divergence(target, q))

    return penalty


def by_rows(elements, reduction, axis=1):
    """The variational reductions."""
    rows = elements.sum(axis=axis)
    return {"mean": rows.mean(), "sum": rows.sum(), "none": rows}[reduction]


def gaussian(term, reduce=by_rows):
    """A VAE divergence with one part exchanged."""
    return lambda mean, log_var, reduction: reduce(term(mean, log_var), reduction)


def stable_gaussian(m, g):
    """½ (μ² + (e^γ − 1) − γ)."""
    return 0.5 * (m * m + (np.expm1(g) - g))


def halved_gaussian(m, g):
    """e^γ − 1 = h (h + 2) with h = e^(γ/2) − 1."""
    h = np.expm1(0.5 * g)
    return 0.5 * m * m + 0.5 * (h * (h + 2) - g)


def series_gaussian(m, g):
    """e^γ − 1 by Horner's scheme for its Taylor series near zero, by exp elsewhere."""
    near, series = np.where(np.abs(g) < 0.5, g, 0), 0 * g
    for k in range(18, 0, -1):
        series = near / k * (1 + series)
    return 0.5 * (m * m + np.where(np.abs(g) < 0.5, series, exp(g) - 1) - g)


def sample(deviation):
    """A reparameterised sample with another deviation."""
    return lambda mean, log_var, noise: mean + deviation(log_var) * noise


def by_elements(elements, reduction):
    """The reconstruction reductions."""
    rows = elements.sum(axis=1)
    return {"mean": elements.mean(), "sum": rows.mean(), "none": rows}[reduction]


def error(term, reduce=by_elements):
    """A reconstruction loss with one part exchanged."""
    return lambda first, second, reduction: reduce(term(first, second), reduction)


def einsum_error(inputs, reconstructions, reduction):
    difference = inputs - reconstructions
    rows = np.einsum("bd,bd->b", difference, difference)
    return {"mean": rows.sum() / difference.size, "sum": rows.mean(), "none": rows}[reduction]


def norm_error(inputs, reconstructions, reduction):
    rows = np.linalg.norm(reconstructions - inputs, axis=1) ** 2
    return {"mean": rows.mean() / inputs.shape[1], "sum": rows.mean(), "none": rows}[reduction]


def cross_entropy(term, reduce=by_elements):
    """A cross-entropy with one part exchanged."""
    return lambda targets, logits, reduction: reduce(term(targets, logits), reduction)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(exp(-np.abs(z)))


def expit(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def stable_bce(t, z):
    return np.maximum(z, 0) - z * t + np.log1p(exp(-np.abs(z)))


def from_probabilities(t, q):
    return -t * ln(q) - (1 - t) * ln(1 - q)


def half(f):
    """A detour through half precision."""
    return lambda *arrays: f(*(a.astype(np.float16).astype(a.dtype) for a in arrays))


def running_sum(elements):
    """One addition after the other, the worst order there is."""
    return np.cumsum(elements.ravel())[-1]


CORRECT: Table = {
    "kl_sparsity_loss": {
        "naive": kl(),
        "log1p of the distance": kl(stable_bernoulli),
        "entropy form": kl(
            lambda p, q: p * ln(q.dtype.type(p)) + (1 - p) * np.log1p(-q.dtype.type(p)) - p * ln(q) - (1 - p) * np.log1p(-q)
        ),
        "sum divided by B": kl(average=lambda a: a.sum(axis=0) / len(a)),
        "mean by matrix product": kl(average=lambda a: np.full(len(a), 1 / len(a), a.dtype) @ a, total=running_sum),
    },
    "l1_activity_loss": {
        "sum over all / B": lambda activations, weight: weight * np.abs(activations).sum() / len(activations),
        "mean of row sums": lambda activations, weight: np.abs(weight * activations).sum(axis=1).mean(),
        "sum of column means": lambda activations, weight: np.abs(activations).mean(axis=0).sum() * weight,
        "a·sign(a), one by one": lambda activations, weight: (
            running_sum(activations * np.sign(activations)) * (weight / len(activations))
        ),
    },
    "vae_kl_loss": {
        "expm1": gaussian(stable_gaussian),
        "expm1 of half": gaussian(halved_gaussian),
        "series": gaussian(series_gaussian),
        "terms summed apart": lambda mean, log_var, reduction: (
            0.5 * (by_rows(mean**2, reduction) + by_rows(np.expm1(log_var), reduction) - by_rows(log_var, reduction))
        ),
    },
    "reparameterize": {
        "exp of half": sample(lambda g: exp(0.5 * g)),
        "reciprocal": sample(lambda g: 1 / exp(-0.5 * g)),
        "power of two": sample(lambda g: np.exp2(g * g.dtype.type(0.5 / np.log(2)))),
        "quarter squared": sample(lambda g: exp(0.25 * g) ** 2),
    },
    "mean_squared_error": {
        "mean of squares": error(lambda x, r: (x - r) ** 2),
        "magnitude squared": error(lambda x, r: np.abs(r - x) * np.abs(x - r)),
        "by einsum": einsum_error,
        "norm squared": norm_error,
    },
    "binary_cross_entropy": {
        "max, product, log1p": cross_entropy(stable_bce),
        "logaddexp": cross_entropy(lambda t, z: np.logaddexp(z.dtype.type(0), z) - t * z),
        "both softplus": cross_entropy(lambda t, z: t * softplus(-z) + (1 - t) * softplus(z)),
        "softplus of −z": cross_entropy(lambda t, z: (1 - t) * z + softplus(-z)),
    },
}
