"""Both frameworks learn from the same batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from conformance.claims import laboratory as module
from conformance.claims.laboratory import Laboratory


class _Recorder:
    """A model that writes down what it is given to learn from."""

    def __init__(self) -> None:
        self.seen: list[dict[str, np.ndarray]] = []

    def compile(self, **options: Any) -> None:
        assert options["optimizer"] is not None

    def fit(self, data: Any, epochs: int = 1, batch_size: int | None = None, **options: Any) -> None:
        assert epochs == 1
        if batch_size is None:
            self.seen.extend(data)
            return
        assert options["shuffle"] is False
        count = len(data["inputs"])
        assert count % batch_size == 0
        self.seen.extend({n: a[i : i + batch_size] for n, a in data.items()} for i in range(0, count, batch_size))


def _learned_from(laboratory: Laboratory, seed: int, **options: Any) -> list[dict[str, np.ndarray]]:
    model = _Recorder()
    laboratory.train(model, {"inputs": np.arange(30.0).reshape(10, 3)}, 3, seed, batch_size=4, **options)
    return model.seen


def _same(first: Iterable[dict[str, np.ndarray]], other: Iterable[dict[str, np.ndarray]]) -> bool:
    return all(a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a) for a, b in zip(first, other, strict=True))


def test_the_same_batches_and_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order, also where Keras is given few epochs at a time; another seed gives another order."""
    frameworks = []
    for name in module.FRAMEWORKS:
        pytest.importorskip(module.FRAMEWORKS[name][0], reason=f"not run: {name} is not installed")
        frameworks.append(Laboratory(name))
    tf, torch = frameworks
    expected = _learned_from(torch, 7, noise=2)
    assert len(expected) == 6
    assert all(batch["inputs"].shape == (4, 3) and batch["noise"].shape == (4, 2) for batch in expected)
    assert _same(expected, _learned_from(tf, 7, noise=2))
    monkeypatch.setattr(module, "_MOST_NUMBERS", 1)
    assert _same(expected, _learned_from(tf, 7, noise=2))
    assert not _same(expected, _learned_from(torch, 8, noise=2))


def test_an_epoch_shows_every_sample_once(torch: Laboratory) -> None:
    """As far as batches can be filled."""
    rows = np.concatenate([batch["inputs"][:, 0] for batch in _learned_from(torch, 0)[:2]])
    assert len(set(rows)) == len(rows) == 8


@pytest.mark.slow
def test_training_trains(laboratory: Laboratory) -> None:
    """In either framework the loss falls, and the same seed gives the same weights."""
    images = np.random.default_rng(0).random((64, 5)).astype(np.float32)
    weights = []
    for _ in range(2):
        model = laboratory.model("LinearAutoencoder", features=5, codings=2, seed=3)
        before = float(laboratory.call(model.loss_terms, images)["total"])
        laboratory.train(model, {"inputs": images}, 40, 0, batch_size=16, learning_rate=1e-2)
        assert float(laboratory.call(model.loss_terms, images)["total"]) < 0.7 * before
        weights.append(model.export_weights())
    assert _same(weights[:1], weights[1:])
