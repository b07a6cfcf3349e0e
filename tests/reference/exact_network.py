"""A stacked autoencoder in mpmath, and bounds on what float64 may lose on the way to its gradients.

The exact network is written from the equations alone; its gradients are difference quotients.

The bounds are a running error analysis: beside every array goes an array that bounds its error. A sum of n products errs by at most
n·u times the sum of magnitudes; a function passes an error on by its slope and adds its own rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from mpmath import mp, mpf

from conformance.tolerance import UNIT_ROUNDOFF
from reference.models.stacked import StackedAutoencoder
from tests.reference.mp_arrays import mpfs

U = UNIT_ROUNDOFF["float64"]
DIGITS = 60

APPLY = {
    "relu": lambda z: max(z, mpf(0)),
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "linear": lambda z: z,
}
STEEPEST = {"relu": 1.0, "sigmoid": 0.25, "tanh": 1.0, "linear": 1.0}
# exp and tanh err by less than 4 ulp; the sigmoid adds and divides too.
ROUNDINGS = {"relu": 0, "sigmoid": 10, "tanh": 8, "linear": 0}


def row_of(sizes: tuple[int, ...], activation: str, output_activation: str) -> list[tuple[str, str, str]]:
    """(parameter prefix, activation, name of the output) of every layer, from the widths alone."""
    depth = len(sizes) - 1
    row = [(f"encoder.{i}", activation, "coding" if i == depth - 1 else f"encoder.{i}") for i in range(depth)]
    row += [(f"decoder.{i}", activation, f"decoder.{i}") for i in range(depth - 1)]
    return [*row, (f"decoder.{depth - 1}", output_activation, "reconstruction")]


def exact_activations(row: list[tuple[str, str, str]], weights: Mapping[str, Any], inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Every named activation, as arrays of mpf."""
    named, x = {}, mpfs(inputs)
    for prefix, activation, output in row:
        z = x.dot(mpfs(weights[f"{prefix}.weight"])) + mpfs(weights[f"{prefix}.bias"])
        if output == "reconstruction":
            named["logits"] = z
        named[output] = x = np.frompyfunc(APPLY[activation], 1, 1)(z)
    return named


def exact_loss(row: list[tuple[str, str, str]], loss: str, weights: Mapping[str, Any], inputs: np.ndarray) -> mpf:
    """The loss, an mpf."""
    named, x = exact_activations(row, weights, inputs), mpfs(inputs)
    if loss == "mean_squared_error":
        elements = (x - named["reconstruction"]) ** 2
    else:
        elements = np.frompyfunc(lambda t, z: mp.log(1 + mp.exp(z)) - t * z, 2, 1)(x, named["logits"])
    return elements.sum() / elements.size


def exact_gradients(
    row: list[tuple[str, str, str]], loss: str, weights: Mapping[str, Any], inputs: np.ndarray
) -> dict[str, np.ndarray]:
    """∂loss/∂parameter for every parameter by difference quotients with 60 digits."""
    gradients = {}
    for name, value in weights.items():
        gradients[name] = np.empty(value.shape, dtype=object)
        for index in np.ndindex(value.shape):

            def along(t, name=name, value=value, index=index):
                moved = mpfs(value)
                moved[index] = t
                return exact_loss(row, loss, {**weights, name: moved}, inputs)

            with mp.workdps(DIGITS):
                gradients[name][index] = mp.diff(along, mpf(float(value[index])))
    return gradients


def bounds(
    model: StackedAutoencoder, row: list[tuple[str, str, str]], loss: str, inputs: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Error bounds of every activation and of every gradient."""
    weights, named = {n: np.abs(w) for n, w in model.weights.items()}, model.activations(inputs)
    errors: dict[str, np.ndarray] = {}
    x, x_error = np.abs(inputs), np.zeros_like(inputs)
    for prefix, activation, output in row:
        weight, bias = weights[f"{prefix}.weight"], weights[f"{prefix}.bias"]
        z_error = x_error @ weight + (len(weight) + 1) * U * (x @ weight + bias)
        if output == "reconstruction":
            errors["logits"] = z_error
        x = np.abs(named[output])
        errors[output] = x_error = STEEPEST[activation] * z_error + ROUNDINGS[activation] * U * x
    back, back_error = _bounded_cotangent(row[-1][1], loss, named, errors, inputs)
    gradients: dict[str, np.ndarray] = {}
    for position in range(len(row) - 1, -1, -1):
        prefix = row[position][0]
        below = row[position - 1][2] if position else ""
        x, x_error = (np.abs(named[below]), errors[below]) if position else (np.abs(inputs), np.zeros_like(inputs))
        gradients[f"{prefix}.weight"] = x.T @ back_error + x_error.T @ back + len(x) * U * (x.T @ back)
        gradients[f"{prefix}.bias"] = back_error.sum(axis=0) + len(x) * U * back.sum(axis=0)
        if position:
            weight = weights[f"{prefix}.weight"].T
            passed, passed_error = back @ weight, back_error @ weight + len(weight) * U * (back @ weight)
            slope, slope_error = _bounded_slope(row[position - 1][1], named[below], errors[below])
            back, back_error = passed * slope, passed_error * slope + passed * slope_error + U * passed * slope
    return errors, gradients


def _bounded_slope(activation: str, a: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if activation == "sigmoid":
        return a * (1 - a), np.abs(1 - 2 * a) * error + 2 * U * a * (1 - a)
    if activation == "tanh":
        return 1 - a * a, 2 * np.abs(a) * error + 2 * U * np.ones_like(a)
    return (a > 0) * 1.0 if activation == "relu" else np.ones_like(a), np.zeros_like(a)


def _bounded_cotangent(
    activation: str, loss: str, named: Mapping[str, np.ndarray], errors: Mapping[str, np.ndarray], inputs: np.ndarray
):
    """|∂loss/∂logits| and its error."""
    a, share = named["reconstruction"], 1 / inputs.size
    if loss == "binary_cross_entropy":
        size = np.abs(a - inputs) * share
        return size, share * (0.25 * errors["logits"] + ROUNDINGS["sigmoid"] * U * a) + 3 * U * size
    slope, slope_error = _bounded_slope(activation, a, errors["reconstruction"])
    size = 2 * np.abs(a - inputs) * share
    return size * slope, (2 * share * errors["reconstruction"] + 4 * U * size) * slope + size * slope_error + U * size * slope
