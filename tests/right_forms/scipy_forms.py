"""NumPy and SciPy: values alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special
from scipy.spatial import distance

from tests.right_forms.form import by_elements, by_rows, form

CROSS_ENTROPIES: dict[str, Callable[[Any, Any], Any]] = {
    "log_expit": lambda t, z: -t * special.log_expit(z) - (1 - t) * special.log_expit(-z),
    "logaddexp": lambda t, z: np.logaddexp(z.dtype.type(0), z) - t * z,
    "logsumexp": lambda t, z: special.logsumexp(np.stack([np.zeros_like(z), z]), axis=0) - t * z,
    "log_softmax": lambda t, z: -(np.stack([1 - t, t]) * special.log_softmax(np.stack([np.zeros_like(z), z]), axis=0)).sum(0),
    "max_product": lambda t, z: np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))),
}
for _name, _elements in CROSS_ENTROPIES.items():

    @form("binary_cross_entropy", "numpy", name=_name)
    def binary_cross_entropy(targets, logits, reduction="mean", elements=_elements):
        return by_elements(elements(targets, logits), reduction)


UNITS: dict[str, Callable[[Any, Any], Any]] = {
    "rel_entr": lambda p, q: special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q),
    "kl_div": lambda p, q: special.kl_div(p, q) + special.kl_div(1 - p, 1 - q),
    "xlogy": lambda p, q: special.xlogy(p, p / q) + special.xlogy(1 - p, (1 - p) / (1 - q)),
    "xlog1py": lambda p, q: special.xlogy(p, p) - special.xlogy(p, q) + special.xlog1py(1 - p, -p) - special.xlog1py(1 - p, -q),
    "entr": lambda p, q: -special.entr(p) - special.entr(1 - p) - p * np.log(q) - (1 - p) * np.log1p(-q),
}
for _name, _unit in UNITS.items():

    @form("kl_sparsity_loss", "numpy", name=_name)
    def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7, unit=_unit):
        of = activations.dtype.type
        q = np.clip(activations.mean(axis=0), of(epsilon), of(1 - epsilon))
        return of(weight) * unit(np.full_like(q, target), q).sum()


DIVERGENCES: dict[str, Callable[[Any, Any], Any]] = {
    "as_printed": lambda m, g: -0.5 * np.sum(1 + g - m**2 - np.exp(g), axis=1),
    "expm1": lambda m, g: 0.5 * np.sum(np.square(m) + special.expm1(g) - g, axis=1),
    "exprel": lambda m, g: 0.5 * np.sum(np.square(m) + g * (special.exprel(g) - 1), axis=1),
    "inner_products": lambda m, g: 0.5 * (np.einsum("bd,bd->b", m, m) + (np.expm1(g) - g).sum(1)),
}
for _name, _rows in DIVERGENCES.items():

    @form("vae_kl_loss", "numpy", name=_name)
    def vae_kl_loss(mean, log_var, reduction="mean", rows=_rows):
        return by_rows(rows(mean, log_var), reduction)


@form("huber_loss", "numpy")
def huber_of_scipy(targets, predictions, delta=1.0, reduction="mean"):
    of = targets.dtype.type
    return by_rows(special.huber(of(delta), predictions - targets).sum(axis=1), reduction)


@form("huber_loss", "numpy")
def pieces(targets, predictions, delta=1.0, reduction="mean"):
    e = np.abs(predictions - targets)
    return by_rows(np.where(e <= delta, e * e / 2, delta * e - delta * delta / 2).sum(axis=1), reduction)


@form("mean_squared_error", "numpy", ("float64",))
def squared_distances_of_scipy(inputs, reconstructions, reduction="mean"):
    pairs = zip(inputs.reshape(len(inputs), -1), reconstructions.reshape(len(inputs), -1), strict=True)
    rows = np.array([distance.sqeuclidean(x, r) for x, r in pairs])
    return {"mean": rows.sum() / inputs.size, "sum": rows.mean(), "none": rows}[reduction]


@form("mean_squared_error", "numpy")
def norms(inputs, reconstructions, reduction="mean"):
    rows = np.linalg.norm((inputs - reconstructions).reshape(len(inputs), -1), axis=1) ** 2
    return {"mean": rows.sum() / inputs.size, "sum": rows.mean(), "none": rows}[reduction]


@form("mean_squared_error", "numpy")
def inner_products(inputs, reconstructions, reduction="mean"):
    d = (reconstructions - inputs).reshape(len(inputs), -1)
    rows = np.vecdot(d, d)
    return {"mean": rows.sum() / inputs.size, "sum": rows.mean(), "none": rows}[reduction]


@form("reparameterize", "numpy")
def root_of_variance(mean, log_var, noise):
    return mean + np.sqrt(np.exp(log_var)) * noise


@form("reparameterize", "numpy")
def power_of_two(mean, log_var, noise):
    return mean + np.exp2(log_var / log_var.dtype.type(2 * np.log(2))) * noise


@form("l1_activity_loss", "numpy")
def norm_of_columns(activations, weight=1e-3):
    return activations.dtype.type(weight) * np.linalg.norm(activations, 1, axis=0).sum() / len(activations)


@form("l1_activity_loss", "numpy")
def entries(activations, weight=1e-3):
    return weight * np.abs(activations).mean(axis=0).sum()
