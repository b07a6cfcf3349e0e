"""Training throughput of impl_torch beside the plainest loop that a user would write for the same network.

`pytest -n 0 tests/benchmarks/test_training_torch.py` prints the ratios: the same data, the same optimiser, one thread. `fit` stands
beside a loop that shuffles and cuts batches, `training_steps` beside one over batches that lie ready; all return their losses.
`--device cuda` has both, and the data, on the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from impl_torch import (
    CharClassifier,
    ContractiveAutoencoder,
    DenoisingAutoencoder,
    HybridClassifier,
    LinearAutoencoder,
    PretrainedClassifier,
    SparseAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
)
from tests.benchmarks import side_by_side as given
from tests.benchmarks.plain_torch import PLAIN
from tests.benchmarks.side_by_side import EPOCHS, ROWS, Row, assert_same_loss, by_turns

pytestmark = pytest.mark.slow

_IMAGES = {"inputs": given.IMAGES}
_CLASSES = {**_IMAGES, "labels": given.DIGITS}
_CHARACTERS = {"characters": given.CHARACTERS, "labels": given.LABELS}
OWN: Mapping[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "stacked": (StackedAutoencoder, _IMAGES),
    "sparse l1": (lambda: SparseAutoencoder(penalty="l1"), _IMAGES),
    "sparse kl": (lambda: SparseAutoencoder(penalty="kl"), _IMAGES),
    "variational": (VariationalAutoencoder, {**_IMAGES, "noise": given.LATENT_NOISE}),
    "denoising": (DenoisingAutoencoder, {**_IMAGES, "noise": given.NOISE}),
    "contractive": (ContractiveAutoencoder, _IMAGES),
    "linear": (LinearAutoencoder, _IMAGES),
    "pretrained frozen": (PretrainedClassifier, _CLASSES),
    "pretrained fine-tuned": (lambda: PretrainedClassifier(trainable_encoder=True), _CLASSES),
    "characters lstm": (lambda: CharClassifier(given.VOCABULARY), _CHARACTERS),
    "characters rnn": (lambda: CharClassifier(given.VOCABULARY, cell="rnn"), _CHARACTERS),
    "characters bidirectional": (lambda: CharClassifier(given.VOCABULARY, cell="bidirectional"), _CHARACTERS),
    "characters cnn": (lambda: CharClassifier(given.VOCABULARY, cell="cnn"), _CHARACTERS),
    "hybrid": (
        lambda: HybridClassifier(given.VOCABULARY, given.WORDS),
        {"characters": given.CHARACTERS, "word": given.WORD, "labels": given.LABELS},
    ),
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("way", ["fit", "training_steps"])
@pytest.mark.parametrize("name", OWN)
def test_training_throughput(name: str, way: str, table: list[Row] | None, device: str) -> None:
    """A run of training: the plain loop and the model's own, by turns."""
    build, arrays = OWN[name]
    own, plain = build().to(device), PLAIN[name]()
    plain.model.to(device)
    plain.take_weights(own)
    data: dict[str, Tensor] = {key: torch.from_numpy(array).to(device) for key, array in arrays.items()}
    batches = [{key: array[i : i + ROWS] for key, array in data.items()} for i in range(0, given.SAMPLES, ROWS)] * EPOCHS
    assert_same_loss(plain.loss(plain.model, batches[0]).item(), own.loss_terms(**batches[0])["total"].item())
    if table is None:
        return
    if way == "fit":
        row = by_turns(f"torch {way}: {name}", lambda: plain.fit(data), lambda: own.fit(data, EPOCHS, ROWS))
    else:
        row = by_turns(f"torch {way}: {name}", lambda: plain.steps(batches), lambda: own.training_steps(batches))
    table.append(row)
