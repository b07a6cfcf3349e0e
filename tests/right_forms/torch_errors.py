"""Squared error and Huber's loss in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from tests.right_forms.form import by_elements, by_rows, form

SQUARES: dict[str, Callable[[Any, Any], Any]] = {
    "mse_loss": lambda x, r: F.mse_loss(r, x, reduction="none"),
    "mse_module": lambda x, r: torch.nn.MSELoss(reduction="none")(r, x),
    "power": lambda x, r: (x - r) ** 2,
    "pow": lambda x, r: (r - x).pow(2),
    "square": lambda x, r: torch.square(x - r),
    "product": lambda x, r: (x - r) * (x - r),
    "magnitude_squared": lambda x, r: (x - r).abs().pow(2),
    "sub_mul": lambda x, r: torch.sub(r, x).mul(torch.sub(r, x)),
    "doubled_huber": lambda x, r: 2 * F.huber_loss(r, x, delta=1e9, reduction="none"),
}
for _name, _elements in SQUARES.items():

    @form("mean_squared_error", "torch", name=_name)
    def mean_squared_error(inputs, reconstructions, reduction="mean", elements=_elements):
        return by_elements(elements(inputs, reconstructions), reduction)


ROWS: dict[str, Callable[[Any], Any]] = {
    "einsum": lambda d: torch.einsum("bd,bd->b", d, d),
    "matrix_products": lambda d: torch.bmm(d[:, None, :], d[:, :, None])[:, 0, 0],
    "norm": lambda d: torch.linalg.vector_norm(d, dim=1) ** 2,
    "vmap_of_dot": lambda d: torch.vmap(torch.dot)(d, d),
    "diagonal": lambda d: (d @ d.T).diagonal(),
    "last_axis": lambda d: d.square().sum(-1),
}
for _name, _rows in ROWS.items():

    @form("mean_squared_error", "torch", name=_name)
    def mean_squared_error_by_rows(inputs, reconstructions, reduction="mean", of_rows=_rows):
        rows = of_rows((inputs - reconstructions).flatten(1))
        return {"mean": rows.sum() / inputs.numel(), "sum": rows.mean(), "none": rows}[reduction]


@form("mean_squared_error", "torch")
def reduced_by_the_library(inputs, reconstructions, reduction="mean"):
    if reduction == "none":
        return F.mse_loss(reconstructions, inputs, reduction="none").flatten(1).sum(1)
    total = F.mse_loss(reconstructions, inputs, reduction=reduction)
    return total if reduction == "mean" else total / len(inputs)


def _where(e, delta):
    return torch.where(e.abs() <= delta, 0.5 * e**2, delta * (e.abs() - 0.5 * delta))


def _two_parts(e, delta):
    inside = e.abs().clamp(max=delta)
    return 0.5 * inside**2 + delta * (e.abs() - inside)


HUBERS: dict[str, Callable[[Any, Any, float], Any]] = {
    "huber_loss": lambda t, p, delta: F.huber_loss(p, t, delta=delta, reduction="none"),
    "huber_module": lambda t, p, delta: torch.nn.HuberLoss(delta=delta, reduction="none")(p, t),
    "smooth_l1": lambda t, p, delta: delta * F.smooth_l1_loss(p, t, beta=delta, reduction="none"),
    "smooth_l1_module": lambda t, p, delta: delta * torch.nn.SmoothL1Loss(beta=delta, reduction="none")(p, t),
    "where": lambda t, p, delta: _where(p - t, delta),
    "two_parts": lambda t, p, delta: _two_parts(p - t, delta),
}
for _name, _huber in HUBERS.items():

    @form("huber_loss", "torch", name=_name)
    def huber_loss(targets, predictions, delta=1.0, reduction="mean", elements=_huber):
        return by_rows(elements(targets, predictions, delta).sum(1), reduction)
