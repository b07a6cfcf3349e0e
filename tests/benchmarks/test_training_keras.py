"""Training throughput of impl_tf beside Keras' `fit` of the plainest model that a user would write for the same network.

`pytest -n 0 tests/benchmarks/test_training_keras.py` prints the ratios: the same data, the same optimiser (`"adam"`), both as Keras
compiles them by default. Tracing and compiling are over before the first round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from impl_tf import (
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
from tests.benchmarks.plain_keras import PLAIN
from tests.benchmarks.side_by_side import (
    CHARACTERS,
    DIGITS,
    EPOCHS,
    IMAGES,
    LABELS,
    LATENT_NOISE,
    NOISE,
    ROWS,
    VOCABULARY,
    WORD,
    WORDS,
    Row,
    assert_same_loss,
    by_turns,
)

pytestmark = pytest.mark.slow

_CODED, _TEXT = (IMAGES, IMAGES), {"characters": CHARACTERS, "labels": LABELS}
# A model, its batch, and x and y of the plain one.
OWN: Mapping[str, tuple[Callable[[], Any], dict[str, Any], tuple[Any, Any]]] = {
    "stacked": (StackedAutoencoder, {"inputs": IMAGES}, _CODED),
    "sparse l1": (lambda: SparseAutoencoder(penalty="l1"), {"inputs": IMAGES}, _CODED),
    "sparse kl": (lambda: SparseAutoencoder(penalty="kl"), {"inputs": IMAGES}, _CODED),
    "variational": (VariationalAutoencoder, {"inputs": IMAGES, "noise": LATENT_NOISE}, ([IMAGES, LATENT_NOISE], IMAGES)),
    "denoising": (DenoisingAutoencoder, {"inputs": IMAGES, "noise": NOISE}, ([IMAGES, NOISE], IMAGES)),
    "contractive": (ContractiveAutoencoder, {"inputs": IMAGES}, _CODED),
    "linear": (LinearAutoencoder, {"inputs": IMAGES}, _CODED),
    "pretrained frozen": (PretrainedClassifier, {"inputs": IMAGES, "labels": DIGITS}, (IMAGES, DIGITS)),
    "pretrained fine-tuned": (
        lambda: PretrainedClassifier(trainable_encoder=True), {"inputs": IMAGES, "labels": DIGITS}, (IMAGES, DIGITS),
    ),
    "characters lstm": (lambda: CharClassifier(VOCABULARY), _TEXT, (CHARACTERS, LABELS)),
    "characters rnn": (lambda: CharClassifier(VOCABULARY, cell="rnn"), _TEXT, (CHARACTERS, LABELS)),
    "characters bidirectional": (lambda: CharClassifier(VOCABULARY, cell="bidirectional"), _TEXT, (CHARACTERS, LABELS)),
    "characters cnn": (lambda: CharClassifier(VOCABULARY, cell="cnn"), _TEXT, (CHARACTERS, LABELS)),
    "hybrid": (lambda: HybridClassifier(VOCABULARY, WORDS), {**_TEXT, "word": WORD}, ([CHARACTERS, WORD], LABELS)),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_fit_throughput(name: str, table: list[Row] | None) -> None:
    """A call of `fit`: the plain model's and the project's, by turns."""
    build, batch, (x, y) = OWN[name]
    own, plain = build(), PLAIN[name]()
    own.compile(optimizer="adam")
    plain.set_weights([variable.numpy() for variable in own.parameter_table().values()])
    first = {key: array[:ROWS] for key, array in batch.items()}
    few, one_y = [part[:ROWS] for part in x] if isinstance(x, list) else x[:ROWS], y[:ROWS]
    loss = plain.compute_loss(few, one_y, plain(few, training=True))
    assert_same_loss(loss, own.loss_terms(**first)["total"])
    if table is None:
        return
    options = {"batch_size": ROWS, "epochs": EPOCHS, "verbose": 0}
    table.append(by_turns(f"keras fit: {name}", lambda: plain.fit(x, y, **options), lambda: own.fit(batch, **options)))
