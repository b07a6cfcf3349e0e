"""Training throughput of impl_torch and impl_tf beside the plainest loop that a user would write for the same network.

`pytest -n 0 tests/benchmarks/test_training.py` prints the pairs side by side, one group a model: the same batches, the same optimiser,
one thread. One round is an epoch of 16 batches of 64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

BATCHES, ROWS, STEPS, VOCABULARY = 16, 64, 20, 16
_rng = np.random.default_rng(0)
IMAGES = _rng.random((BATCHES, ROWS, 784)).astype(np.float32)
CHARACTERS = _rng.integers(0, VOCABULARY, size=(BATCHES, ROWS, STEPS))
LABELS = _rng.integers(0, 2, size=(BATCHES, ROWS, 1)).astype(np.float32)


def _torch_pairs() -> dict[str, Callable[[], Callable[[], Any]]]:
    import torch
    from torch import nn

    from impl_torch import CharClassifier, StackedAutoencoder

    torch.set_num_threads(1)
    images, characters, labels = (torch.from_numpy(a) for a in (IMAGES, CHARACTERS, LABELS))

    class PlainClassifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.lstm, self.head = nn.Embedding(VOCABULARY, 8), nn.LSTM(8, 64, batch_first=True), nn.Linear(64, 1)

        def forward(self, ids: Any) -> Any:
            return self.head(self.lstm(self.embedding(ids))[0][:, -1])

    def loop(model: nn.Module, inputs: Any, targets: Any, loss: Callable[..., Any]) -> Callable[[], Any]:
        optimizer = torch.optim.Adam(model.parameters(), eps=1e-7)

        def epoch() -> None:
            for x, y in zip(inputs, targets, strict=True):
                optimizer.zero_grad()
                loss(model(x), y).backward()
                optimizer.step()

        return epoch

    def plain_stacked() -> Callable[[], Any]:
        widths = ((784, 100), (100, 30), (30, 100), (100, 784))
        layers = [module for i, o in widths for module in (nn.Linear(i, o), nn.ReLU())]
        return loop(nn.Sequential(*layers[:-1], nn.Sigmoid()), images, images, nn.functional.mse_loss)

    def own_stacked() -> Callable[[], Any]:
        model, batches = StackedAutoencoder(), [{"inputs": x} for x in images]
        return lambda: model.training_steps(batches)

    def plain_characters() -> Callable[[], Any]:
        return loop(PlainClassifier(), characters, labels, nn.functional.binary_cross_entropy_with_logits)

    def own_characters() -> Callable[[], Any]:
        model = CharClassifier(VOCABULARY)
        batches = [{"characters": x, "labels": y} for x, y in zip(characters, labels, strict=True)]
        return lambda: model.training_steps(batches)

    return {
        "stacked plain": plain_stacked,
        "stacked impl_torch": own_stacked,
        "characters plain": plain_characters,
        "characters impl_torch": own_characters,
    }


def _keras_pairs() -> dict[str, Callable[[], Callable[[], Any]]]:
    import keras

    from impl_tf import CharClassifier, StackedAutoencoder

    images, characters, labels = IMAGES.reshape(-1, 784), CHARACTERS.reshape(-1, STEPS), LABELS.reshape(-1, 1)

    def fit(model: Any, *data: Any) -> Callable[[], Any]:
        model.fit(*data, batch_size=ROWS, epochs=1, verbose=0)  # traced before it is timed
        return lambda: model.fit(*data, batch_size=ROWS, epochs=1, verbose=0)

    def plain_stacked() -> Callable[[], Any]:
        dense = [keras.layers.Dense(width, activation="relu") for width in (100, 30, 100)]
        model = keras.Sequential([*dense, keras.layers.Dense(784, activation="sigmoid")])
        model.compile(optimizer="adam", loss="mse")
        return fit(model, images, images)

    def own_stacked() -> Callable[[], Any]:
        model = StackedAutoencoder()
        model.compile(optimizer="adam")
        return fit(model, images)

    def plain_characters() -> Callable[[], Any]:
        layers = [keras.layers.Embedding(VOCABULARY, 8), keras.layers.LSTM(64), keras.layers.Dense(1)]
        model = keras.Sequential(layers)
        model.compile(optimizer="adam", loss=keras.losses.BinaryCrossentropy(from_logits=True))
        return fit(model, characters, labels)

    def own_characters() -> Callable[[], Any]:
        model = CharClassifier(VOCABULARY)
        model.compile(optimizer="adam")
        return fit(model, characters, labels)

    return {
        "stacked plain": plain_stacked,
        "stacked impl_tf": own_stacked,
        "characters plain": plain_characters,
        "characters impl_tf": own_characters,
    }


@pytest.mark.parametrize("name", ["stacked plain", "stacked impl_torch", "characters plain", "characters impl_torch"])
def test_torch_epoch(name: str, benchmark: Any) -> None:
    """An epoch in PyTorch: the plain loop, and `training_steps`."""
    benchmark.group = f"torch {name.split()[0]}"
    benchmark.pedantic(_torch_pairs()[name](), rounds=15, warmup_rounds=2)


@pytest.mark.parametrize("name", ["stacked plain", "stacked impl_tf", "characters plain", "characters impl_tf"])
def test_keras_epoch(name: str, benchmark: Any) -> None:
    """An epoch of Keras' fit: a plain Sequential, and the project's model."""
    benchmark.group = f"keras {name.split()[0]}"
    benchmark.pedantic(_keras_pairs()[name](), rounds=8, warmup_rounds=1)
