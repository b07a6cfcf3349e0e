"""Character models: an embedding, a network over the characters, one logit. And the hybrid that also sees the word."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from impl_torch.arguments import like, one_of, probabilities, whole_number, whole_numbers
from impl_torch.formulas.reconstruction import binary_cross_entropy
from impl_torch.layers.dense import dense
from impl_torch.layers.embedding import embedding as embedding_table
from impl_torch.models.model import Model, Named, generator
from impl_torch.models.sequence_cells import CELLS, Cell
from impl_torch.models.weights import Entry

__all__ = ["CharClassifier", "HybridClassifier"]


class _BinaryClassifier(Model):
    """Characters → embedding → cell → summary, possibly beside a word embedding → one logit."""

    embedding: nn.Embedding
    cell: Cell
    head: nn.Linear

    def _summarized(self, characters: Any) -> Named:
        table = self.embedding.weight
        ids = whole_numbers("characters", characters, (None, None), len(table), table)
        embedded = self.embedding(ids)
        states, summary = self.cell(embedded)
        return {"embedding": embedded, "states": states, "summary": summary}

    def _terms(self, logits: Tensor, labels: Any) -> Named:
        if isinstance(labels, Tensor) and not (labels.is_floating_point() or labels.is_complex()):
            labels = labels.to(logits.dtype)
        like("logits", logits, "labels", labels)
        probabilities("labels", labels)
        loss = binary_cross_entropy(labels, logits)
        return {"cross_entropy": loss, "total": loss}

    def _head_table(self) -> dict[str, Entry]:
        return {"head.weight": Entry(self.head.weight, (1, 0)), "head.bias": Entry(self.head.bias, (0,))}


class CharClassifier(_BinaryClassifier):
    """Binary classifier of character sequences, by default Embedding(16, 8) → LSTM(64) → Dense(1).

    Args:
        vocabulary_size: number of ids, padding (0) included.
        embedding: dimensions of the embedding.
        units: of the recurrent cell (each way, if bidirectional), or filters of the convolution.
        cell: "lstm" | "rnn" (tanh) | "bidirectional" (two LSTMs, forward and backward) | "cnn" (ReLU, zero-padded to equal length).
        kernel_size: of the convolution.
        seed: of the initial weights (embedding U(±0.05), matrices Glorot uniform, biases zero but the forget gate's, which is one).
        dtype, device: of the parameters; None means PyTorch's default.

    Batch: `characters` (B, T), whole numbers below `vocabulary_size`, and `labels` (B, 1) in [0, 1], whole numbers or in the dtype
    of the model. Padded steps are steps like all others: nothing is masked.

    Activations: embedding (B, T, E), states (B, T, H), summary (B, H), logits (B, 1), probability. The summary is the last state, for
    "bidirectional" the last of each direction, for "cnn" the maximum over time. Loss terms: cross_entropy, total.

    Raises:
        ValueError: a size below 1, an unknown cell; an id beyond the vocabulary or a label outside [0, 1] (in eager mode);
            labels of another shape.
        TypeError: ids that are not whole numbers, labels of another floating-point dtype.

    Source: lecture notes 000, listing 2 and §2.3.

    >>> CharClassifier().parameter_count
    18881
    """

    def __init__(
        self,
        vocabulary_size: int = 16,
        embedding: int = 8,
        units: int = 64,
        cell: str = "lstm",
        kernel_size: int = 3,
        seed: int = 0,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        count = whole_number("vocabulary_size", vocabulary_size, least=1)
        dimensions = whole_number("embedding", embedding, least=1)
        units, kernel_size = whole_number("units", units, least=1), whole_number("kernel_size", kernel_size, least=1)
        build, source = CELLS[one_of("cell", cell, CELLS)], generator(seed, dtype)
        self.embedding = embedding_table(count, dimensions, source, dtype, device)
        self.cell = build(dimensions, units, kernel_size, source, dtype, device)
        self.head = dense(self.cell.features, 1, source, dtype, device)

    def parameter_table(self) -> dict[str, Entry]:
        return {"embedding": Entry(self.embedding.weight, (0, 1)), **self.cell.table(), **self._head_table()}

    def forward(self, characters: Tensor) -> Tensor:
        """The logits, (B, 1), as `torch.nn.BCEWithLogitsLoss` wants them."""
        return self._to_logits(characters)["logits"]

    def activations(self, characters: Tensor, labels: Tensor | None = None) -> Named:
        found = self._to_logits(characters)
        return {**found, "probability": torch.sigmoid(found["logits"])}

    def inference(self, characters: Tensor, labels: Tensor | None = None) -> Named:
        """The probability of class 1."""
        return {"probability": self.activations(characters)["probability"]}

    def predict(self, characters: Tensor) -> Tensor:
        """The probability of class 1, (B, 1)."""
        return self.inference(characters)["probability"]

    def loss_terms(self, characters: Tensor, labels: Tensor) -> Named:
        return self._terms(self._to_logits(characters)["logits"], labels)

    def _to_logits(self, characters: Tensor) -> Named:
        found = self._summarized(characters)
        return {**found, "logits": self.head(found["summary"])}


class HybridClassifier(_BinaryClassifier):
    """Binary classifier of words that sees the characters and the word: both vectors side by side.

    Args:
        vocabulary_size: number of character ids, padding (0) included.
        words: number of word ids; by custom 0 is the unknown word.
        embedding, units, cell, kernel_size: of the characters, as in `CharClassifier`.
        word_embedding: dimensions of the word's embedding.
        seed, dtype, device: as in `CharClassifier`.

    Batch: `characters` (B, T), `word` (B, 1), whole numbers below `words`, and `labels` (B, 1) in [0, 1].

    Activations: embedding, states, summary, word_embedding (B, W), features (B, H + W), logits, probability.

    Raises:
        ValueError, TypeError: as in `CharClassifier`.

    Source: lecture notes 000 §2.3.
    """

    def __init__(
        self,
        vocabulary_size: int = 16,
        words: int = 100,
        embedding: int = 8,
        word_embedding: int = 16,
        units: int = 64,
        cell: str = "lstm",
        kernel_size: int = 3,
        seed: int = 0,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        count, words = whole_number("vocabulary_size", vocabulary_size, least=1), whole_number("words", words, least=1)
        dimensions = whole_number("embedding", embedding, least=1)
        word_embedding = whole_number("word_embedding", word_embedding, least=1)
        units, kernel_size = whole_number("units", units, least=1), whole_number("kernel_size", kernel_size, least=1)
        build, source = CELLS[one_of("cell", cell, CELLS)], generator(seed, dtype)
        self.embedding = embedding_table(count, dimensions, source, dtype, device)
        self.cell = build(dimensions, units, kernel_size, source, dtype, device)
        self.word_embedding = embedding_table(words, word_embedding, source, dtype, device)
        self.head = dense(self.cell.features + word_embedding, 1, source, dtype, device)

    def parameter_table(self) -> dict[str, Entry]:
        return {
            "embedding": Entry(self.embedding.weight, (0, 1)),
            **self.cell.table(),
            "word.embedding": Entry(self.word_embedding.weight, (0, 1)),
            **self._head_table(),
        }

    def forward(self, characters: Tensor, word: Tensor) -> Tensor:
        """The logits, (B, 1), as `torch.nn.BCEWithLogitsLoss` wants them."""
        return self._to_logits(characters, word)["logits"]

    def activations(self, characters: Tensor, word: Tensor, labels: Tensor | None = None) -> Named:
        found = self._to_logits(characters, word)
        return {**found, "probability": torch.sigmoid(found["logits"])}

    def inference(self, characters: Tensor, word: Tensor, labels: Tensor | None = None) -> Named:
        """The probability of class 1."""
        return {"probability": self.activations(characters, word)["probability"]}

    def predict(self, characters: Tensor, word: Tensor) -> Tensor:
        """The probability of class 1, (B, 1)."""
        return self.inference(characters, word)["probability"]

    def loss_terms(self, characters: Tensor, word: Tensor, labels: Tensor) -> Named:
        return self._terms(self._to_logits(characters, word)["logits"], labels)

    def _to_logits(self, characters: Tensor, word: Tensor) -> Named:
        found = self._summarized(characters)
        table = self.word_embedding.weight
        words = whole_numbers("word", word, (len(characters), 1), len(table), table)
        of_word = self.word_embedding(words[:, 0])
        features = torch.cat([found["summary"], of_word], dim=1)
        return {**found, "word_embedding": of_word, "features": features, "logits": self.head(features)}
