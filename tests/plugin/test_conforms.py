"""`conforms` for other projects' tests: it passes what is right, and says of what is wrong where, on what, and which mistake."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import torch

from conformance import conforms
from conformance.api import _guessed
from conformance.cases import case
from conformance.errors import NotRun, UnknownChoice
from reference import LinearAutoencoder, kl_sparsity_loss, vae_kl_loss


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


def penalty(activations: torch.Tensor, target: float = 0.1, weight: float = 1.0) -> torch.Tensor:
    mean = activations.mean(dim=0).clamp(1e-7, 1 - 1e-7)
    return weight * (target * torch.log(target / mean) + (1 - target) * torch.log((1 - target) / (1 - mean))).sum()


def penalty_of_samples(activations: torch.Tensor, target: float = 0.1, weight: float = 1.0) -> torch.Tensor:
    return penalty(activations.T, target, weight)


def squared_error(inputs, reconstructions, reduction="mean"):
    rows = (reconstructions - inputs) ** 2
    return rows.mean() if reduction == "mean" else rows.sum(axis=1) if reduction == "none" else rows.sum(axis=1).mean()


def squared_error_vjp(cotangent, inputs, reconstructions, reduction="mean"):
    share = {"mean": cotangent / inputs.size, "sum": cotangent / len(inputs)}.get(reduction, np.reshape(cotangent, (-1, 1)))
    slope = 2 * (reconstructions - inputs) * share
    return {"inputs": -slope, "reconstructions": slope}


def test_what_is_right_passes() -> None:
    """In both dtypes, value and gradient; the verdicts come back."""
    verdicts = conforms("kl_sparsity_loss", penalty, examples=20)
    assert {(v.quantity, v.target.dtype) for v in verdicts} == {
        (quantity, dtype) for quantity in ("value", "gradient") for dtype in ("float32", "float64")
    }
    assert {v.outcome for v in verdicts} == {"passed"}
    assert {v.target.framework for v in verdicts} == {"torch"}


def test_what_is_wrong_is_explained() -> None:
    """What was judged, the worst element, the smallest counterexample, the known mistake with its hint, and how to see it again."""
    with pytest.raises(AssertionError) as failure:
        conforms("kl_sparsity_loss", penalty_of_samples, dtype="float64", seed=3)
    message = str(failure.value)
    for part in (
        "penalty_of_samples does not conform to kl_sparsity_loss in torch float64 on cpu",
        "value: expected ",
        "× the error budget",
        "the smallest found:\n    activations = [[",
        "features_axis",
        "is taken over the units of each sample",
        "hint: Over which axis is p̂ an average",
        "again: conforms('kl_sparsity_loss', penalty_of_samples, framework='torch', dtype='float64'",
        "seed=3",
    ):
        assert part in message, message


def test_a_numpy_function_is_judged_with_its_vjp() -> None:
    """Without one the value alone; a wrong one fails."""
    alone = conforms("mean_squared_error", squared_error, framework="numpy", examples=20, dtype="float64")
    assert {v.quantity: v.outcome for v in alone} == {"value": "passed", "gradient": "unsupported"}
    both = conforms("mean_squared_error", squared_error, vjp=squared_error_vjp, framework="numpy", examples=20)
    assert {v.outcome for v in both} == {"passed"}

    def negated(cotangent, **inputs):
        return {name: -gradient for name, gradient in squared_error_vjp(cotangent, **inputs).items()}

    with pytest.raises(AssertionError, match="gradient: reconstructions"):
        conforms("mean_squared_error", squared_error, vjp=negated, framework="numpy", examples=20)


@pytest.mark.slow
def test_a_model_class_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right one passes; one that starts from other weights does not. Drawn cases alone, because the digits take seconds."""
    monkeypatch.setattr(case, "realistic_cases", lambda *arguments: iter(()))
    assert {v.quantity for v in conforms("LinearAutoencoder", LinearAutoencoder, dtype="float64", examples=8)} == {
        "activations", "value", "gradient", "training",
    }  # fmt: skip

    class Doubling(LinearAutoencoder):
        def import_weights(self, weights):
            super().import_weights({name: 2 * value for name, value in weights.items()})

    with pytest.raises(AssertionError, match="Doubling does not conform to LinearAutoencoder") as failure:
        conforms("LinearAutoencoder", Doubling, framework="numpy", dtype="float64", examples=8)
    assert "activations: coding at index" in str(failure.value)


def test_what_raises_is_an_assertion_error_too() -> None:
    """With what it raised."""

    def broken(mean: torch.Tensor, log_var: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
        raise RuntimeError("not today")

    with pytest.raises(AssertionError, match="value: raised RuntimeError: not today"):
        conforms("vae_kl_loss", broken, framework="torch", examples=8)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"name": "vae_kl_los"}, "name: expected the name of a specification, got 'vae_kl_los'; did you mean 'vae_kl_loss'"),
        ({"framework": "jax"}, "framework: expected one of tf, tensorflow, torch, numpy; got 'jax'"),
        ({"dtype": "int8"}, "dtype: expected one of float64, .*; got 'int8'"),
        ({"device": "tpu"}, "device: expected one of cpu, cuda, cpu:1, meta; got 'tpu'"),
        ({"mode": "lazy"}, "mode: expected one of eager, compiled; got 'lazy'"),
        ({"examples": 0}, "examples: expected a whole number from 1 on, got 0"),
    ],
)
def test_what_does_not_exist_is_refused(options: dict, reason: str) -> None:
    """In one line that says what does."""
    with pytest.raises(UnknownChoice, match=reason):
        conforms(**{"name": "vae_kl_loss", "implementation": vae_kl_loss, **options})


def test_what_is_no_function_is_refused() -> None:
    """The name of one is not one."""
    with pytest.raises(TypeError, match="implementation: expected a function or a class, got str"):
        conforms("vae_kl_loss", "vae_kl_loss")  # type: ignore[arg-type]


def test_what_cannot_run_here_never_passes() -> None:
    """A device or dtype that the framework has not."""
    with pytest.raises(NotRun, match="not run: NumPy computes on the cpu only"):
        conforms("vae_kl_loss", vae_kl_loss, device="cuda")
    with pytest.raises(NotRun, match="not run: numpy has no bfloat16"):
        conforms("vae_kl_loss", vae_kl_loss, dtype="bfloat16")


def test_the_framework_is_guessed() -> None:
    """From ancestors, from the modules that a function names, from its file; partials and methods are looked through."""
    assert _guessed(torch.nn.Linear) == "torch"
    assert _guessed(penalty) == "torch"
    assert _guessed(functools.partial(penalty, weight=2.0)) == "torch"
    assert _guessed(kl_sparsity_loss) == "numpy"
    assert _guessed(lambda mean, log_var: mean.sum()) == "torch"  # this file imports torch
    keras_layer = type("Layer", (), {"__module__": "keras.layers"})

    class Own(keras_layer):
        pass

    assert _guessed(lambda mean, log_var: Own()(mean)) == "tensorflow"  # of a class that only a closure holds
    inner = lambda mean: Own()(mean)  # noqa: E731
    assert _guessed(lambda mean, log_var: inner(mean)) == "tensorflow"
