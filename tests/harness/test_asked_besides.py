"""What a single call does not show: a second one, another method, a file, memory that is shared, a path without gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.judging.verdicts import Verdict
from conformance.respondent.model_inputs import ModelInputs
from reference.models.linear import LinearAutoencoder
from reference.models.variational import VariationalAutoencoder
from tests.harness.plain_models import drawn, seated, verdicts


class _KeepsItsOptimizer(LinearAutoencoder):
    """What the first training has left behind goes into the second."""

    trained = 0

    def training_steps(self, batches: Any, optimizer: str = "adam", learning_rate: float = 1e-3) -> list[float]:
        self.trained += 1
        return super().training_steps(batches, optimizer, learning_rate / self.trained)


class _RemembersShapes(LinearAutoencoder):
    """The answer to the last batch of a shape is that to the first."""

    def inference(self, inputs: Any, **noise: Any) -> Any:
        answers = self.__dict__.setdefault("answers", {})
        return answers.setdefault(np.shape(inputs), super().inference(inputs, **noise))


class _SavesNoBiases(LinearAutoencoder):
    def save_weights(self, path: Any) -> None:
        whole = self.weights
        self.weights = {name: value * (value.ndim > 1) for name, value in whole.items()}
        super().save_weights(path)
        self.weights = whole


class _HandsOutItsMemory(LinearAutoencoder):
    def export_weights(self) -> Any:
        return self.weights

    def training_steps(self, *args: Any, **options: Any) -> list[float]:
        arrays = dict(self.weights)
        losses = super().training_steps(*args, **options)
        for name, value in self.weights.items():
            arrays[name][...] = value
        self.weights = arrays
        return losses


class _KeepsWhatItIsGiven(_HandsOutItsMemory):
    def export_weights(self) -> Any:
        return {name: value.copy() for name, value in self.weights.items()}

    def import_weights(self, weights: Mapping[str, Any]) -> None:
        self.weights = dict(weights)


class _InterpolatesBackwards(VariationalAutoencoder):
    def interpolate(self, first: Any, second: Any, steps: int) -> Any:
        return super().interpolate(second, first, steps)


class _IsNotWhatIsAgreedOn(LinearAutoencoder):
    def __init__(self, features: int = 784, codings: int = 31, seed: int = 0) -> None:
        super().__init__(features, codings, seed)


def _failing(name: str, model: type) -> Mapping[str, Verdict]:
    outcomes = verdicts(seated("numpy", {name: model}, "float64"), name, 5)
    return {verdict.quantity: verdict for verdict in outcomes if verdict.outcome != "passed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model", "quantity", "word"),
    [
        ("LinearAutoencoder", _KeepsItsOptimizer, "training", "again/"),
        ("LinearAutoencoder", _RemembersShapes, "training", "trained/"),
        ("LinearAutoencoder", _SavesNoBiases, "activations", "reloaded/"),
        ("LinearAutoencoder", _HandsOutItsMemory, "training", "export_weights hands out its own memory"),
        ("LinearAutoencoder", _KeepsWhatItIsGiven, "training", "import_weights keeps the memory that it is given"),
        ("VariationalAutoencoder", _InterpolatesBackwards, "activations", "interpolate/"),
        ("LinearAutoencoder", _IsNotWhatIsAgreedOn, "activations", "weights"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_it_is_noticed_and_said_where(name: str, model: type, quantity: str, word: str) -> None:
    """Each is right in every first answer."""
    failing = _failing(name, model)
    assert word in (failing[quantity].reason or "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model"), [("LinearAutoencoder", LinearAutoencoder), ("VariationalAutoencoder", VariationalAutoencoder)]
)
def test_what_they_are_made_from_passes(name: str, model: type) -> None:
    """So that what is noticed is the difference."""
    assert not _failing(name, model)


def test_a_class_without_other_methods_is_not_asked_for_them() -> None:
    """Nor for files: what it offers is right, and what it lacks is no failure."""

    class Plain(LinearAutoencoder):
        encode = decode = save_weights = load_weights = None

        def inference(self, inputs: Any, **noise: Any) -> Any:
            return {"reconstruction": LinearAutoencoder.decode(self, LinearAutoencoder.encode(self, inputs))}

    activations, *others = verdicts(seated("numpy", {"LinearAutoencoder": Plain}, "float64"), "LinearAutoencoder", 5)
    assert {verdict.outcome for verdict in (activations, *others)} == {"passed"}
    assert activations.not_offered.keys() == {"encode", "decode", "load_weights"}
    assert not any(verdict.not_offered for verdict in others)


class _CannotEncode(LinearAutoencoder):
    def encode(self, inputs: Any) -> Any:
        raise RuntimeError("not today")

    def inference(self, inputs: Any, **noise: Any) -> Any:
        return {"reconstruction": self.decode(LinearAutoencoder.encode(self, inputs))}


class _OtherNames(LinearAutoencoder):
    def encode(self, x: Any) -> Any:
        return super().encode(x)

    def decode(self, h: Any) -> Any:
        return super().decode(h)


def test_a_method_that_raises_condemns_nothing_else() -> None:
    """Loss terms, gradients and training are right, and are said to be."""
    failing = _failing("LinearAutoencoder", _CannotEncode)
    assert failing.keys() == {"activations"}
    assert "not today" in (failing["activations"].reason or "")


def test_a_method_may_call_its_arguments_otherwise() -> None:
    """They are given by name where it knows the names, and else in the order of the contract."""
    assert not _failing("LinearAutoencoder", _OtherNames)


@pytest.mark.parametrize("where", ["enabled", "disabled"])
def test_a_path_without_gradients_is_asked(where: str) -> None:
    """A term is doubled only where gradients are recorded, or only where they are not: both are seen."""
    doubled = "torch.is_grad_enabled()" if where == "enabled" else "not torch.is_grad_enabled()"
    source = f"""
import torch
def reparameterize(mean, log_var, noise):
    return mean + torch.exp(0.5 * log_var) * noise * (2 if {doubled} else 1)
"""
    outcomes = {v.quantity: v.outcome for v in verdicts(seated("torch", source), "reparameterize", 12)}
    assert outcomes["value"] == "failed"


def test_what_calls_nothing_says_nothing_of_calls() -> None:
    """A shrunk case is read by people."""
    inputs = drawn("LinearAutoencoder").model
    assert "calls" in inputs.named()
    without = replace(inputs, calls={}).named()
    assert "calls" not in without
    assert ModelInputs.of(without).calls == {}
