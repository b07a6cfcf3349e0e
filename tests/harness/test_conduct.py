"""What a package of this project is asked besides its cases: each of these is right in every case, and wrong there."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import reference
from conformance.judging.conduct import chance
from conformance.judging.conduct.conduct import first_problem, is_held, problems
from conformance.judging.conduct.sides import Side
from conformance.judging.plan import Plan
from conformance.judging.verify import verify
from conformance.respondent import frameworks
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from reference import LinearAutoencoder, StackedAutoencoder, VariationalAutoencoder, kl_sparsity_loss
from reference.specification import catalogue

PACKAGE = Target("reference", "numpy", dtype="float64")


def _seated(target: Target, name: str, offered: Any) -> LocalSubject:
    """The object under the name, as if a package of this project offered it."""
    if (reason := frameworks.missing_framework(target.framework)) is not None:
        pytest.skip(f"not run: {reason}")
    module = types.ModuleType(target.module)
    setattr(module, name, offered)
    return LocalSubject(target, module, frameworks.load(target.framework))


def _problem(name: str, offered: Any, target: Target = PACKAGE) -> str:
    problem = first_problem(_seated(target, name, offered), catalogue()[name], 300.0)
    return "" if problem is None else problem[1]


def _takes_negative_weights(activations: Any, target: Any = 0.1, weight: Any = 1.0, epsilon: Any = 1e-7) -> Any:
    negative = isinstance(weight, float) and weight < 0
    return kl_sparsity_loss(activations, target, 1.0 if negative else weight, epsilon)


def _refuses_no_weight(activations: Any, target: Any = 0.1, weight: Any = 1.0, epsilon: Any = 1e-7) -> Any:
    if weight == 0:
        raise ValueError("weight: expected a positive number, got 0")
    return kl_sparsity_loss(activations, target, weight, epsilon)


def _takes_a_row(activations: Any, target: Any = 0.1, weight: Any = 1.0, epsilon: Any = 1e-7) -> Any:
    return kl_sparsity_loss(activations[None] if np.ndim(activations) == 1 else activations, target, weight, epsilon)


@pytest.mark.parametrize(
    ("offered", "word"),
    [
        (_takes_negative_weights, "weight = -inf: expected ValueError, got an answer"),
        (_refuses_no_weight, "weight = 0.0: expected an answer, got ValueError"),
        (_takes_a_row, "an axis less: expected ValueError, got an answer"),
        (kl_sparsity_loss, ""),
    ],
)
def test_a_function_refuses_what_the_reference_refuses(offered: Any, word: str) -> None:
    """And takes what it takes."""
    problem = _problem("kl_sparsity_loss", offered)
    assert word in problem
    assert bool(word) == bool(problem)


class _TakesAnyOptimizer(LinearAutoencoder):
    def training_steps(self, batches: Any, optimizer: str = "adam", learning_rate: float = 1e-3) -> list[float]:
        return super().training_steps(batches, str(optimizer).lower(), learning_rate)


class _StepsOverNaN(LinearAutoencoder):
    def training_steps(self, batches: Any, *args: Any, **options: Any) -> list[float]:
        finite = [batch for batch in batches if all(np.isfinite(value).all() for value in batch.values())]
        return super().training_steps(finite, *args, **options)


class _GoesThroughBatchesTwice(LinearAutoencoder):
    def training_steps(self, batches: Any, *args: Any, **options: Any) -> list[float]:
        _ = list(batches)
        return super().training_steps(batches, *args, **options)


class _BeginsTwiceAsLarge(LinearAutoencoder):
    def __init__(self, features: int = 784, codings: int = 30, seed: int = 0) -> None:
        super().__init__(features, codings, seed)
        self.weights = {name: value * 2 for name, value in self.weights.items()}


class _BeginsWithBiases(LinearAutoencoder):
    def __init__(self, features: int = 784, codings: int = 30, seed: int = 0) -> None:
        super().__init__(features, codings, seed)
        self.weights = {name: value if value.ndim > 1 else value + 0.1 for name, value in self.weights.items()}


class _KnowsNoSeed(LinearAutoencoder):
    def __init__(self, features: int = 784, codings: int = 30, seed: int = 0) -> None:
        super().__init__(features, codings, seed * 0 if type(seed) is int and seed > 0 else seed)


class _KeepsHalfOfWhatItRefuses(LinearAutoencoder):
    def import_weights(self, weights: Mapping[str, Any]) -> None:
        if isinstance(weights, Mapping):
            good = {name: np.array(value) for name, value in weights.items() if np.shape(value) == np.shape(self.weights.get(name))}
            self.weights.update(
                {name: value for name, value in good.items() if value.dtype.kind == "f" and np.isfinite(value).all()}
            )
        super().import_weights(weights)


class _LeavesAPart(LinearAutoencoder):
    def save_weights(self, path: Any) -> None:
        super().save_weights(path)
        Path(path).with_name("part").touch()


class _ReadsWhatFits(LinearAutoencoder):
    def load_weights(self, path: Any) -> None:
        try:
            super().load_weights(path)
        except ValueError as error:
            if "expected only" not in str(error):
                raise


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (_TakesAnyOptimizer, "'Adam'"),
        (_StepsOverNaN, "expected a ValueError"),
        (_GoesThroughBatchesTwice, "an iterator"),
        (_BeginsTwiceAsLarge, "distributed as the reference's"),
        (_BeginsWithBiases, "to begin as"),
        (_KnowsNoSeed, "draw numbers of its own"),
        (_KeepsHalfOfWhatItRefuses, "expected the weights as they were"),
        (_LeavesAPart, "expected one file"),
        (_ReadsWhatFits, "an entry too many"),
        (LinearAutoencoder, ""),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_a_model_is_asked_what_no_case_asks(model: type, word: str) -> None:
    """The one of which they are made passes."""
    problem = _problem("LinearAutoencoder", model)
    assert word in problem
    assert bool(word) == bool(problem)


class _DrawsLess(VariationalAutoencoder):
    def sample(self, mean: Any, log_var: Any, noise: Any = None) -> Any:
        return super().sample(
            mean, log_var, np.random.default_rng().standard_normal(np.shape(mean)) / 2 if noise is None else noise
        )


class _DrawsUniformly(VariationalAutoencoder):
    def sample(self, mean: Any, log_var: Any, noise: Any = None) -> Any:
        width = np.sqrt(12.0)
        drawn = np.random.default_rng().uniform(-width / 2, width / 2, np.shape(mean))
        return super().sample(mean, log_var, drawn if noise is None else noise)


class _DrawsTheSame(VariationalAutoencoder):
    def sample(self, mean: Any, log_var: Any, noise: Any = None) -> Any:
        return super().sample(mean, log_var, np.random.default_rng(1).standard_normal(np.shape(mean)) if noise is None else noise)


@pytest.mark.parametrize("model", [_DrawsLess, _DrawsUniformly, _DrawsTheSame])
def test_noise_that_is_drawn_is_asked(model: type) -> None:
    """Too little of it, as much of another kind, and always the same."""
    assert "standard normal noise" in _problem("VariationalAutoencoder", model)


def _right(model: Any) -> Any:
    return type(model).__mro__[1]


def _unweighted(model: Any, data: Any, **options: Any) -> list[float]:
    """The mean over batches, of which the last is smaller."""
    rows = len(next(iter(data.values()))) if isinstance(data, dict) else len(data)
    return [loss * (1 + 1e-3 * (rows % 2)) for loss in _right(model).fit(model, data, **options)]


def _always_shuffles(model: Any, data: Any, shuffle: bool = True, **options: Any) -> list[float]:
    return _right(model).fit(model, data, **{**options, "shuffle": True})


def _knows_no_order(model: Any, data: Any, seed: int = 0, **options: Any) -> list[float]:
    return _right(model).fit(model, data, seed=min(seed, 0), **options)


@pytest.mark.parametrize("fit", [_unweighted, _always_shuffles, _knows_no_order])
def test_fit_is_asked_for_the_steps_that_it_consists_of(fit: Any) -> None:
    """A class of PyTorch whose `fit` alone is wrong."""
    pytest.importorskip("torch")
    import impl_torch

    def wrong(
        self: Any,
        data: Any,
        epochs: int = 1,
        batch_size: int = 64,
        optimizer: str = "adam",
        learning_rate: float = 1e-3,
        **rest: Any,
    ) -> Any:
        return fit(self, data, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, **rest)

    model = type("StackedAutoencoder", (impl_torch.StackedAutoencoder,), {"fit": wrong})
    assert "fit" in _problem("StackedAutoencoder", model, Target("impl_torch", "torch"))


def test_other_code_is_not_asked() -> None:
    """It may check its arguments in its own way, or not at all."""
    elsewhere = _seated(Target("submission.py", "numpy", dtype="float64"), "kl_sparsity_loss", _takes_negative_weights)
    assert not is_held(elsewhere)
    assert first_problem(elsewhere, catalogue()["kl_sparsity_loss"], 60.0) is None


def test_of_other_classes_what_is_drawn_is_asked() -> None:
    """Where they take a seed, or a batch without noise; what they cannot be asked they do not offer."""
    torch = pytest.importorskip("torch")
    import impl_torch

    class HeNormal(impl_torch.StackedAutoencoder):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            torch.nn.init.kaiming_normal_(self.encoder[0].weight)

    class WithoutSeed(HeNormal):
        def __init__(self, sizes: tuple[int, ...] = (784, 100, 30)) -> None:
            super().__init__(sizes)

    class Uniform(impl_torch.VariationalAutoencoder):
        def sample(self, mean: Any, log_var: Any, noise: Any = None) -> Any:
            return super().sample(mean, log_var, (torch.rand_like(mean) - 0.5) * 12**0.5 if noise is None else noise)

    target = Target("submission.py", "torch")
    for name, model, word in (
        ("StackedAutoencoder", HeNormal, "initial weights"),
        ("StackedAutoencoder", WithoutSeed, ""),
        ("StackedAutoencoder", impl_torch.StackedAutoencoder, ""),
        ("VariationalAutoencoder", Uniform, "standard normal noise"),
        ("VariationalAutoencoder", impl_torch.VariationalAutoencoder, ""),
    ):
        problem = first_problem(_seated(target, name, model), catalogue()[name], 60.0)
        assert (problem is None) == (word == ""), (name, problem)
        assert problem is None or word in problem[1]


def test_verify_fails_what_is_wrong_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the sentence, and without a case, for none shows it."""
    plan = Plan((catalogue()["kl_sparsity_loss"],), (PACKAGE,), examples=4)
    assert [verdict.outcome for verdict in verify(plan)] == ["passed", "passed"]
    monkeypatch.setattr(reference, "kl_sparsity_loss", _takes_negative_weights)
    value, gradient = verify(plan)
    assert (value.outcome, value.counterexample, gradient.outcome) == ("failed", None, "unsupported")
    assert "expected ValueError, got an answer" in (value.reason or "")


@pytest.mark.parametrize("name", ["CharTokenizer", "pad_sequences", "CharClassifier", "StackedAutoencoder", "PretrainedClassifier"])
def test_the_reference_is_right_there_too(name: str) -> None:
    """So what is noticed is the difference."""
    assert list(problems(LocalSubject.of(PACKAGE), catalogue()[name])) == []


def test_all_of_stacked_autoencoders_is_asked() -> None:
    """One class of the reference passes everything that is asked of a model."""
    assert not _problem("StackedAutoencoder", StackedAutoencoder)


@pytest.mark.parametrize(("losses", "problems"), [([1.0, 1.0, 2.0], 0), ([1.0] * 100, 1)])
def test_two_equal_draws_are_chance_and_many_are_not(losses: list[float], problems: int) -> None:
    """A mask of a few numbers comes twice now and then."""
    coming = iter(losses)
    model = types.SimpleNamespace(eval=lambda: None, loss_terms=lambda **batch: {}, gradients=lambda **batch: {})
    model.training_steps = lambda batches, optimizer, rate: [next(coming)]
    package = cast(Side, types.SimpleNamespace(given=lambda batch: batch))
    assert (
        len(list(chance._other_ways(catalogue()["DenoisingAutoencoder"], package, model, {"inputs": np.ones((3, 2))}))) == problems
    )
