"""Correct ways to write the formulas: independent functions that compute in the precision of their inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

_ln, _exp = np.log, np.exp
Elements = Callable[[Any, Any], Any]


def _instead(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """An independent version in place of the reference's."""
    return lambda reference: function


def _kl(divergence: Callable[[float, Any], Any], average: Callable[[Any], Any] = lambda a: a.mean(axis=0), total=np.sum):
    def penalty(activations, target=0.1, weight=1.0, epsilon=1e-7):
        number = activations.dtype.type
        q = np.clip(average(activations), number(1e-7), number(1 - 1e-7))
        return weight * total(divergence(number(target), q))

    return penalty


def _bernoulli(p, q):
    return p * _ln(p / q) + (1 - p) * _ln((1 - p) / (1 - q))


def _stable_bernoulli(p, q):
    near = np.abs(q - p) < 0.25 * min(p, 1 - p)
    d = np.where(near, q - p, 0)
    active = np.where(near, np.log1p(d / p), _ln(q) - _ln(p))
    inactive = np.where(near, np.log1p(-d / (1 - p)), np.log1p(-q) - np.log1p(-p))
    return -p * active - (1 - p) * inactive


def _entropies(p, q):
    return p * _ln(p) + (1 - p) * np.log1p(-p) - p * _ln(q) - (1 - p) * np.log1p(-q)


def _running_sum(elements):
    """One addition after the other, the worst order there is."""
    return np.cumsum(elements.ravel())[-1]


def _by_rows(elements, reduction):
    rows = elements.sum(axis=1)
    return {"mean": rows.mean(), "sum": rows.sum(), "none": rows}[reduction]


def _gaussian(term: Elements, reduce=_by_rows):
    return lambda mean, log_var, reduction="mean": reduce(term(mean, log_var), reduction)


def _halved(m, g):
    """e^γ − 1 = h (h + 2) with h = e^(γ/2) − 1."""
    h = np.expm1(0.5 * g)
    return 0.5 * m * m + 0.5 * (h * (h + 2) - g)


def _series(m, g):
    """e^γ − 1 by Horner's scheme for its Taylor series near zero, by exp elsewhere."""
    near, series = np.where(np.abs(g) < 0.5, g, 0), 0 * g
    for k in range(18, 0, -1):
        series = near / k * (1 + series)
    return 0.5 * (m * m + np.where(np.abs(g) < 0.5, series, _exp(g) - 1) - g)


def _by_loop(mean, log_var, reduction="mean"):
    rows = np.zeros(len(mean), mean.dtype)
    for j in range(mean.shape[1]):
        rows = rows + (mean[:, j] ** 2 - log_var[:, j] + np.expm1(log_var[:, j])) / 2
    return {"mean": rows.sum() / len(rows), "sum": rows[::-1].sum(), "none": rows}[reduction]


def _apart(mean, log_var, reduction="mean"):
    return 0.5 * (_by_rows(mean**2, reduction) + _by_rows(np.expm1(log_var), reduction) - _by_rows(log_var, reduction))


def _sample(deviation: Callable[[Any], Any]):
    return lambda mean, log_var, noise: mean + deviation(log_var) * noise


def _by_elements(elements, reduction):
    rows = elements.sum(axis=1)
    return {"mean": elements.mean(), "sum": rows.mean(), "none": rows}[reduction]


def _by_means(elements, reduction):
    width = elements.shape[1]
    return {"mean": elements.mean(axis=0).mean(), "sum": elements.mean(axis=0).sum(), "none": elements.mean(axis=1) * width}[
        reduction
    ]


def _error(term: Elements, reduce=_by_elements):
    return lambda inputs, reconstructions, reduction="mean": reduce(term(inputs, reconstructions), reduction)


def _einsum_error(inputs, reconstructions, reduction="mean"):
    difference = inputs - reconstructions
    rows = np.einsum("bd,bd->b", difference, difference)
    return {"mean": rows.sum() / difference.size, "sum": rows.mean(), "none": rows}[reduction]


def _norm_error(inputs, reconstructions, reduction="mean"):
    rows = np.linalg.norm(reconstructions - inputs, axis=1) ** 2
    return {"mean": rows.mean() / inputs.shape[1], "sum": rows.mean(), "none": rows}[reduction]


def _cross_entropy(term: Elements, reduce=_by_elements):
    return lambda targets, logits, reduction="mean": reduce(term(targets, logits), reduction)


def _softplus(z):
    return np.maximum(z, 0) + np.log1p(_exp(-np.abs(z)))


def _stable(t, z):
    return np.maximum(z, 0) - z * t + np.log1p(_exp(-np.abs(z)))


class _PlainTokenizer:
    """The tokenizer by one Counter, most_common and dictionaries."""

    def __init__(self, lower=True, oov_token=None, num_chars=None) -> None:
        self.lower, self.oov_token, self.num_chars = lower, oov_token, num_chars
        self.counts: Counter[str] = Counter()

    def fit(self, texts):
        self.counts.update("".join(t.lower() if self.lower else t for t in texts))
        return self

    @property
    def vocabulary(self):
        first = [self.oov_token] if self.oov_token is not None else []
        names = first + [c for c, _ in self.counts.most_common()]
        return dict(zip(names, range(1, len(names) + 1), strict=True))

    def encode(self, texts):
        indices = {c: i for c, i in self.vocabulary.items() if self.num_chars is None or i < self.num_chars}
        rows = []
        for text in texts:
            row = []
            for c in text.lower() if self.lower else text:
                if c in indices and c != self.oov_token:
                    row.append(indices[c])
                elif self.oov_token is not None:
                    row.append(1)
            rows.append(row)
        return rows

    def decode(self, sequences):
        names = {i: c for c, i in self.vocabulary.items()}
        return ["".join(map(names.__getitem__, filter(None, row))) for row in sequences]


def _padded_lists(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width = maxlen or max(len(row) for row in sequences)
    rows = []
    for row in sequences:
        tail = (row[max(0, len(row) - width) :] if truncating == "pre" else row[:width])[:width]
        filling = [value] * (width - len(tail))
        rows.append(filling + tail if padding == "pre" else tail + filling)
    return np.array(rows, dtype=np.int32).reshape(len(rows), width)


def _padded_reversed(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    """By np.pad; what is in front is made at the end of the reversed rows."""
    width = max(map(len, sequences)) if maxlen is None else maxlen
    rows = []
    for row in sequences:
        tail = list(reversed(list(reversed(row))[:width])) if truncating == "pre" else list(row)[:width]
        lack = width - len(tail)
        sides = (lack, 0) if padding == "pre" else (0, lack)
        rows.append(np.pad(np.array(tail, dtype=np.int64), sides, constant_values=value))
    return np.stack(rows).astype(np.int32)


kl_naive = _instead(_kl(_bernoulli))
kl_log1p = _instead(_kl(_stable_bernoulli))
kl_entropies = _instead(_kl(_entropies))
kl_sum_by_count = _instead(_kl(_bernoulli, lambda a: a.sum(axis=0) / len(a)))
kl_matrix_mean = _instead(_kl(_bernoulli, lambda a: np.full(len(a), 1 / len(a), a.dtype) @ a, _running_sum))
kl_reversed_batch = _instead(_kl(_stable_bernoulli, lambda a: a[::-1].mean(axis=0), lambda d: d[::-1].sum()))
l1_sum_by_batch = _instead(lambda activations, weight=1e-3: weight * np.abs(activations).sum() / len(activations))
l1_row_means = _instead(lambda activations, weight=1e-3: np.abs(weight * activations).sum(axis=1).mean())
l1_column_means = _instead(lambda activations, weight=1e-3: np.abs(activations).mean(axis=0).sum() * weight)
l1_by_sign = _instead(
    lambda activations, weight=1e-3: _running_sum(activations * np.sign(activations)) * (weight / len(activations))
)
l1_two_parts = _instead(
    lambda activations, weight=1e-3: (
        weight * (np.maximum(activations, 0).sum() + np.maximum(-activations, 0).sum()) / len(activations)
    )
)
l1_norm = _instead(lambda activations, weight=1e-3: weight * np.linalg.norm(activations, 1, axis=1).mean())
vae_expm1 = _instead(_gaussian(lambda m, g: 0.5 * (m * m + (np.expm1(g) - g))))
vae_halved = _instead(_gaussian(_halved))
vae_series = _instead(_gaussian(_series))
vae_terms_apart = _instead(_apart)
vae_loop = _instead(_by_loop)
sample_half = _instead(_sample(lambda g: _exp(0.5 * g)))
sample_reciprocal = _instead(_sample(lambda g: 1 / _exp(-0.5 * g)))
sample_power_of_two = _instead(_sample(lambda g: np.exp2(g * g.dtype.type(0.5 / np.log(2)))))
sample_quarter = _instead(_sample(lambda g: _exp(0.25 * g) ** 2))
sample_root = _instead(_sample(lambda g: np.sqrt(_exp(g))))
mse_squares = _instead(_error(lambda x, r: (x - r) ** 2))
mse_magnitudes = _instead(_error(lambda x, r: np.abs(r - x) * np.abs(x - r)))
mse_einsum = _instead(_einsum_error)
mse_norm = _instead(_norm_error)
mse_means = _instead(_error(lambda x, r: np.square(r - x), _by_means))
bce_max_product = _instead(_cross_entropy(_stable))
bce_logaddexp = _instead(_cross_entropy(lambda t, z: np.logaddexp(z.dtype.type(0), z) - t * z))
bce_both_softplus = _instead(_cross_entropy(lambda t, z: t * _softplus(-z) + (1 - t) * _softplus(z)))
bce_one_softplus = _instead(_cross_entropy(lambda t, z: (1 - t) * z + _softplus(-z)))
bce_means = _instead(_cross_entropy(_stable, _by_means))
tokenizer_most_common = _instead(_PlainTokenizer)
padded_lists = _instead(_padded_lists)
padded_reversed = _instead(_padded_reversed)
