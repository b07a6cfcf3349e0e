"""TF32: arithmetic of matrix products on CUDA, told apart from the float32 in which its numbers are stored."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from conformance.cases.case import Case, draw, recipes
from conformance.judging.compare import Comparison, compare
from conformance.judging.expectation import Expected, expect, model_result
from conformance.respondent import frameworks
from conformance.respondent.responses import Output
from conformance.targets.target import Target, lacking
from reference.layers import perceptron
from reference.layers.dense import dense
from reference.specification import Array, Quantity, Spec, catalogue


def _rounded(values: Array) -> Array:
    """To 11 significant bits, as the factors of a product are on a tensor core."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.rint(mantissa * 2.0**11), exponent - 11)


def _tf32_dense(x: Array, weight: Array, bias: Array) -> Array:
    return dense(_rounded(x), _rounded(weight), bias)


def _of_tensor_cores(spec: Spec, case: Case, dtype: str, quantity: Quantity, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    """What the dense layers of the reference say with factors so rounded, by the budget of a dtype."""
    expected = expect(spec, replace(case, dtype=dtype))[quantity]
    with monkeypatch.context() as patched:
        patched.setattr(perceptron, "dense", _tf32_dense)
        results = model_result(spec.evaluate, case.model, quantity)
    outputs: dict[str, Any] = {n: Output(value.astype(np.float32), "float32", "cuda") for n, value in results.items()}
    return compare(expected, outputs, "cuda")


def test_a_rounding_of_the_factors_stays_within_the_budget_of_tf32_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """And uses it: a budget that is never used by what it is for would be none."""
    spec, used = catalogue()["StackedAutoencoder"], []
    for recipe in recipes(0, 8):
        case = draw(spec, "tf32", recipe)
        used.append(_of_tensor_cores(spec, case, "tf32", "value", monkeypatch).budget_used)
        if not case.delicate:
            assert not _of_tensor_cores(spec, case, "float32", "value", monkeypatch).agrees
    assert 1e-4 < max(used) <= 1


def test_a_formula_has_the_budget_of_float32() -> None:
    """It has no product of matrices."""
    spec = catalogue()["vae_kl_loss"]
    case = draw(spec, "float32", next(recipes(0, 1)))
    tf32, float32 = (expect(spec, replace(case, dtype=dtype))["value"]["value"] for dtype in ("tf32", "float32"))
    assert isinstance(tf32, Expected)
    assert isinstance(float32, Expected)
    assert np.array_equal(tf32.allowed, float32.allowed)
    assert tf32.dtype == float32.dtype == "float32"


def test_it_is_off_while_comparing() -> None:
    """float32 means float32 on every device."""
    adapter = frameworks.load("torch")
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32
    with adapter.computing_in("float32"):
        assert not torch.backends.cuda.matmul.allow_tf32


def test_it_is_on_where_it_is_asked_for() -> None:
    """And off again afterwards, whatever happens within."""
    adapter = frameworks.load("torch")
    with contextlib.suppress(ZeroDivisionError), adapter.computing_in("tf32"):
        assert torch.backends.cuda.matmul.allow_tf32
        assert torch.backends.cudnn.allow_tf32
        raise ZeroDivisionError
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32


def test_it_is_arithmetic_of_cuda_alone() -> None:
    """A CPU would compute in float32 and be judged by a budget that is none of its own."""
    assert lacking(Target("impl_torch", "torch", "cpu", "tf32")) == "torch computes in tf32 on cuda alone"
    assert lacking(Target("impl_torch", "torch", "cuda", "tf32")) is None
    assert lacking(Target("impl_tf", "tensorflow", "cuda", "tf32")) == "tensorflow has no tf32"
