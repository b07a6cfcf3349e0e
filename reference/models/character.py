"""Character models: an embedding, a network over the characters, one logit. And the hybrid that also sees the word."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from reference.arguments import one_of, real_array, unit_interval, whole_number, whole_numbers
from reference.domains import Bits, Choice, Domain, Ids, Length, Whole
from reference.formulas.reconstruction import binary_cross_entropy, binary_cross_entropy_vjp
from reference.layers.activations import sigmoid
from reference.layers.dense import dense, dense_vjp, glorot_uniform
from reference.layers.embedding import embedding, embedding_vjp
from reference.models.model import Model, Named
from reference.models.sequence_cells import CELLS, Cell
from reference.specification import Array, OfTexts, StandIn, specify

_EMBEDDING_LIMIT = 0.05


class _BinaryClassifier(Model):
    """Characters → embedding → cell → summary, possibly beside a word embedding → one logit."""

    cell: Cell
    characters: int
    features: int

    def _binary_loss(self, named: Named, labels: Any) -> Array:
        return binary_cross_entropy(self._labels(labels, len(named["logits"])), named["logits"])

    def _head_vjp(self, named: Named, labels: Any, features: Array) -> tuple[Array, Named]:
        targets = self._labels(labels, len(features))
        z_bar = binary_cross_entropy_vjp(np.ones(()), targets, named["logits"])["logits"]
        below, weight, bias = dense_vjp(z_bar, features, self.weights["head.weight"])
        return below, {"head.weight": weight, "head.bias": bias}

    def _head(self, features: Array) -> Named:
        logits = dense(features, self.weights["head.weight"], self.weights["head.bias"])
        return {"logits": logits, "probability": sigmoid(logits)}

    def _labels(self, labels: Any, batch: int) -> Array:
        array = unit_interval("labels", real_array("labels", labels, rank=2))
        if array.shape != (batch, 1):
            raise ValueError(f"labels: expected shape ({batch}, 1), got {array.shape}")
        return array

    def _initial(self, rng: np.random.Generator) -> Named:
        """Embeddings U(±0.05), matrices Glorot uniform, biases zero but the forget gate's, which is one."""
        weights: Named = {}
        for name, shape in self.parameter_shapes.items():
            if name.endswith("embedding"):
                weights[name] = rng.uniform(-_EMBEDDING_LIMIT, _EMBEDDING_LIMIT, size=shape)
            elif name == "head.weight":
                weights[name] = glorot_uniform(rng, *cast(tuple[int, int], shape))
            elif name == "head.bias":
                weights[name] = np.zeros(shape)
        weights |= self.cell.initial(rng)
        return {name: weights[name] for name in self.parameter_shapes}


@specify(
    kind="model",
    equation="sigmoid(w · cell(embedding(characters)) + b); cell: LSTM, simple RNN, bidirectional LSTM, or Conv1D + max over time",
    source="000 listing 2, §2.3",
    inputs={
        "vocabulary_size": Length(2, 9),
        "embedding": Length(1, 5),
        "units": Length(1, 5),
        "cell": Choice(("lstm", "rnn", "bidirectional", "cnn")),
        "kernel_size": Whole(1, 4),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfTexts(lambda characters, words: {"vocabulary_size": characters, "units": 16}),
    stand_in=StandIn(
        seen="characters",
        shown="probability",
        target="labels",
        loss="binary_cross_entropy",
        term="cross_entropy",
        matters_where={"kernel_size": ("cell", "cnn")},
    ),
)
class CharClassifier(_BinaryClassifier):
    """Binary classifier of character sequences, by default Embedding(16, 8) → LSTM(64) → Dense(1).

    Args:
        vocabulary_size: number of ids, padding (0) included.
        embedding: dimensions of the embedding.
        units: of the recurrent cell (each way, if bidirectional), or filters of the convolution.
        cell: "lstm" | "rnn" (tanh) | "bidirectional" (two LSTMs, forward and backward) | "cnn" (ReLU, zero-padded to equal length).
        kernel_size: of the convolution.
        seed: of the initial weights.

    Batch: `characters` (B, T), whole numbers below `vocabulary_size`, and `labels` (B, 1) in [0, 1]. Padded steps are steps like all
    others: nothing is masked.

    Activations: embedding (B, T, E), states (B, T, H), summary (B, H), logits (B, 1), probability. The summary is the last state, for
    "bidirectional" the last of each direction, for "cnn" the maximum over time. Loss terms: cross_entropy, total.

    Raises:
        ValueError: a size below 1, an unknown cell; an id beyond the vocabulary; labels of another shape or outside [0, 1].
        TypeError: ids that are not whole numbers.

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
    ) -> None:
        self.characters = whole_number("vocabulary_size", vocabulary_size, 1)
        self.embedding = whole_number("embedding", embedding, 1)
        units, kernel_size = whole_number("units", units, 1), whole_number("kernel_size", kernel_size, 1)
        self.cell = CELLS[one_of("cell", cell, CELLS)](self.embedding, units, kernel_size)
        self.weights = self._initial(np.random.default_rng(whole_number("seed", seed, 0)))

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            "embedding": (self.characters, self.embedding),
            **self.cell.shapes,
            "head.weight": (self.cell.features, 1),
            "head.bias": (1,),
        }

    def batch_domains(self) -> dict[str, Domain]:
        return {"characters": Ids(("batch", "steps"), self.characters), "labels": Bits(("batch", 1))}

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        return {"predict": {name: domain for name, domain in self.batch_domains().items() if name != "labels"}}

    def activations(self, characters: Any, labels: Any = None) -> Named:
        embedded = embedding(whole_numbers("characters", characters, (None, None), self.characters), self.weights["embedding"])
        states, summary = self.cell.forward(self.weights, embedded)
        return {"embedding": embedded, "states": states, "summary": summary, **self._head(summary)}

    def inference(self, characters: Any, labels: Any = None) -> Named:
        """The probability of class 1."""
        return {"probability": self.activations(characters)["probability"]}

    def predict(self, characters: Any) -> Array:
        """The probability of class 1, (B, 1)."""
        return self.inference(characters)["probability"]

    def loss_terms(self, characters: Any, labels: Any) -> Named:
        loss = self._binary_loss(self.activations(characters), labels)
        return {"cross_entropy": loss, "total": loss}

    def gradients(self, characters: Any, labels: Any) -> Named:
        named = self.activations(characters)
        summary_bar, gradients = self._head_vjp(named, labels, named["summary"])
        embedded_bar, inside = self.cell.backward(self.weights, named["embedding"], summary_bar)
        gradients |= inside
        gradients["embedding"] = embedding_vjp(embedded_bar, np.asarray(characters), self.weights["embedding"])
        return {name: gradients[name] for name in self.weights}


@specify(
    kind="model",
    equation="sigmoid(w · [cell(embedding(characters)); embedding(word)] + b)",
    source="000 §2.3",
    inputs={
        "vocabulary_size": Length(2, 9),
        "words": Length(2, 9),
        "embedding": Length(1, 5),
        "word_embedding": Length(1, 5),
        "units": Length(1, 5),
        "cell": Choice(("lstm", "rnn", "bidirectional", "cnn")),
        "kernel_size": Whole(1, 4),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfTexts(lambda characters, words: {"vocabulary_size": characters, "units": 16, "words": words}),
    stand_in="how a plain model takes its two inputs is not fixed",
)
class HybridClassifier(_BinaryClassifier):
    """Binary classifier of words that sees the characters and the word: both vectors side by side.

    Args:
        vocabulary_size: number of character ids, padding (0) included.
        words: number of word ids; by custom 0 is the unknown word.
        embedding, units, cell, kernel_size: of the characters, as in `CharClassifier`.
        word_embedding: dimensions of the word's embedding.
        seed: of the initial weights.

    Batch: `characters` (B, T), `word` (B, 1), whole numbers below `words`, and `labels` (B, 1) in [0, 1].

    Activations: embedding, states, summary, word_embedding (B, W), features (B, H + W), logits, probability.

    Raises:
        ValueError, TypeError: as in `CharClassifier`.

    Source: lecture notes 000 §2.3.

    >>> HybridClassifier(units=4).parameter_shapes["head.weight"]
    (20, 1)
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
    ) -> None:
        self.characters = whole_number("vocabulary_size", vocabulary_size, 1)
        self.words = whole_number("words", words, 1)
        self.embedding = whole_number("embedding", embedding, 1)
        self.word_embedding = whole_number("word_embedding", word_embedding, 1)
        units, kernel_size = whole_number("units", units, 1), whole_number("kernel_size", kernel_size, 1)
        self.cell = CELLS[one_of("cell", cell, CELLS)](self.embedding, units, kernel_size)
        self.weights = self._initial(np.random.default_rng(whole_number("seed", seed, 0)))

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            "embedding": (self.characters, self.embedding),
            **self.cell.shapes,
            "word.embedding": (self.words, self.word_embedding),
            "head.weight": (self.cell.features + self.word_embedding, 1),
            "head.bias": (1,),
        }

    def batch_domains(self) -> dict[str, Domain]:
        return {
            "characters": Ids(("batch", "steps"), self.characters),
            "word": Ids(("batch", 1), self.words),
            "labels": Bits(("batch", 1)),
        }

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        return {"predict": {name: domain for name, domain in self.batch_domains().items() if name != "labels"}}

    def activations(self, characters: Any, word: Any, labels: Any = None) -> Named:
        ids = whole_numbers("characters", characters, (None, None), self.characters)
        words = whole_numbers("word", word, (len(ids), 1), self.words)
        embedded = embedding(ids, self.weights["embedding"])
        states, summary = self.cell.forward(self.weights, embedded)
        of_word = embedding(words[:, 0], self.weights["word.embedding"])
        features = np.concatenate([summary, of_word], axis=1)
        named = {"embedding": embedded, "states": states, "summary": summary, "word_embedding": of_word, "features": features}
        return {**named, **self._head(features)}

    def inference(self, characters: Any, word: Any, labels: Any = None) -> Named:
        """The probability of class 1."""
        return {"probability": self.activations(characters, word)["probability"]}

    def predict(self, characters: Any, word: Any) -> Array:
        """The probability of class 1, (B, 1)."""
        return self.inference(characters, word)["probability"]

    def loss_terms(self, characters: Any, word: Any, labels: Any) -> Named:
        loss = self._binary_loss(self.activations(characters, word), labels)
        return {"cross_entropy": loss, "total": loss}

    def gradients(self, characters: Any, word: Any, labels: Any) -> Named:
        named = self.activations(characters, word)
        features_bar, gradients = self._head_vjp(named, labels, named["features"])
        summary_bar, word_bar = np.split(features_bar, [self.cell.features], axis=1)
        embedded_bar, inside = self.cell.backward(self.weights, named["embedding"], summary_bar)
        gradients |= inside
        gradients["embedding"] = embedding_vjp(embedded_bar, np.asarray(characters), self.weights["embedding"])
        gradients["word.embedding"] = embedding_vjp(word_bar, np.asarray(word)[:, 0], self.weights["word.embedding"])
        return {name: gradients[name] for name in self.weights}
