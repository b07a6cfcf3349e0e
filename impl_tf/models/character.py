"""Character models: an embedding, a network over the characters, one logit. And the hybrid that also sees the word."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import floating_policy, one_of, unit_interval, whole_number, whole_numbers
from impl_tf.formulas.reconstruction import binary_cross_entropy
from impl_tf.layers.dense import dense
from impl_tf.layers.embedding import embedding as embedding_table
from impl_tf.layers.embedding import looked_up
from impl_tf.models.autoencoder import layer_parameters, layer_seeds
from impl_tf.models.model import Model, Named
from impl_tf.models.sequence_cells import CELLS, SEEDS

__all__ = ["CharClassifier", "HybridClassifier"]

_EMBEDDING_LIMIT = 0.05


class _BinaryClassifier(Model):
    """Characters → embedding → cell → summary, possibly beside a word embedding → one logit."""

    batch_names = ("characters",)
    label_name = "labels"
    output_name = "probability"

    def __init__(
        self,
        vocabulary_size: int,
        embedding: int,
        units: int,
        cell: str,
        kernel_size: int,
        seed: int,
        dtype: Any,
        name: str | None,
        beside: int = 0,
    ) -> None:
        """`beside`: width of what joins the summary."""
        super().__init__(name=name, dtype=floating_policy("dtype", dtype))
        self.characters = whole_number("vocabulary_size", vocabulary_size, least=1)
        width = whole_number("embedding", embedding, least=1)
        self.units = whole_number("units", units, least=1)
        self.kernel_size = whole_number("kernel_size", kernel_size, least=1)
        self.cell_name = one_of("cell", cell, CELLS)
        of_embedding, of_head, self._spare_seed, *of_cell = layer_seeds(seed, 3 + SEEDS)
        self.seed = seed
        self.embedding = embedding_table(self.characters, width, _EMBEDDING_LIMIT, of_embedding, "embedding", self.dtype_policy)
        self.cell = CELLS[cell](width, self.units, self.kernel_size, of_cell, self.dtype_policy)
        self.head = dense(self.cell.features + beside, 1, of_head, "head", self.dtype_policy)

    def get_config(self) -> dict[str, Any]:
        return {
            "vocabulary_size": self.characters,
            "embedding": self.embedding.output_dim,
            "units": self.units,
            "cell": self.cell_name,
            "kernel_size": self.kernel_size,
            "seed": self.seed,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "name": self.name,
        }

    def _summarised(self, ids: tf.Tensor) -> Named:
        embedded = looked_up(self.embedding, ids)
        states, summary = self.cell(embedded)
        return {"embedding": embedded, "states": states, "summary": summary}

    def _head(self, features: tf.Tensor) -> Named:
        logits = self.head(features)
        return {"logits": logits, "probability": tf.sigmoid(logits)}

    def _binary_loss(self, named: Named, labels: Any) -> Named:
        logits = named["logits"]
        loss = binary_cross_entropy(self._labels(labels, logits), logits)
        return {"cross_entropy": loss, "total": loss}

    def _labels(self, labels: Any, logits: tf.Tensor) -> tf.Tensor:
        """Labels (B, 1) in the dtype of the logits; whole numbers are as good as floating-point ones."""
        tensor = labels if tf.is_tensor(labels) else tf.convert_to_tensor(np.asarray(labels))
        if not tensor.shape.is_compatible_with((logits.shape[0], 1)):
            raise ValueError(f"labels: expected shape ({logits.shape[0]}, 1), got {tuple(tensor.shape)}")
        if hasattr(tensor, "numpy"):
            unit_interval("labels", tensor.numpy())
        if tensor.dtype.is_integer:
            return tf.cast(tensor, logits.dtype)
        if tensor.dtype != logits.dtype:
            raise TypeError(f"labels: expected the dtype of the model, {logits.dtype.name}, got {tensor.dtype.name}")
        return tensor

    def inspect_entry(self, name: str, array: np.ndarray) -> None:
        super().inspect_entry(name, array)
        if name == "characters":
            whole_numbers(name, array, (None, None), self.characters)
        elif name == "labels":
            if array.ndim != 2 or array.shape[1] != 1:
                raise ValueError(f"labels: expected shape (N, 1), got {array.shape}")
            unit_interval("labels", array)


@keras.saving.register_keras_serializable(package="impl_tf")
class CharClassifier(_BinaryClassifier):
    """Binary classifier of character sequences, by default Embedding(16, 8) → LSTM(64) → Dense(1).

    `compile(optimizer="adam")`, then `fit(characters, labels)`: the loss is the model's own, from logits. Called, and by `predict`,
    it gives probabilities.

    Args:
        vocabulary_size: number of ids, padding (0) included.
        embedding: dimensions of the embedding.
        units: of the recurrent cell (each way, if bidirectional), or filters of the convolution.
        cell: "lstm" | "rnn" (tanh) | "bidirectional" (two LSTMs, forward and backward) | "cnn" (ReLU, zero-padded to equal length).
        kernel_size: of the convolution.
        seed: of the initial weights (embedding U(±0.05); Glorot uniform; biases zero, but 1 for forget gates).
        dtype: of the variables, or a Keras dtype policy; None means the global policy.
        name: of the Keras model.

    Batch: `characters` (B, T), whole numbers below `vocabulary_size`, and `labels` (B, 1) in [0, 1]. Padded steps are steps like all
    others: nothing is masked.

    Activations: embedding (B, T, E), states (B, T, H), summary (B, H), logits (B, 1), probability. The summary is the last state, for
    "bidirectional" the last of each direction, for "cnn" the maximum over time. Loss terms: cross_entropy, total.

    Raises:
        ValueError: a size below 1, an unknown cell; an id beyond the vocabulary or a label outside [0, 1] (seen in eager mode, and in
            arrays given to `fit`, `evaluate` and `predict`); labels of another shape.
        TypeError: ids that are not whole numbers.

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
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(vocabulary_size, embedding, units, cell, kernel_size, seed, dtype, name)
        self.build()

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {
            "embedding": self.embedding.embeddings,
            **self.cell.parameter_table(),
            **layer_parameters("head", self.head),
        }

    def activations(self, characters: Any, labels: Any = None) -> Named:
        named = self._summarised(whole_numbers("characters", characters, (None, None), self.characters))
        return {**named, **self._head(named["summary"])}

    def inference(self, characters: Any, labels: Any = None) -> Named:
        """The probability of class 1."""
        return {"probability": self.activations(characters)["probability"]}

    def loss_terms(self, characters: Any, labels: Any) -> Named:
        return self._binary_loss(self.activations(characters), labels)


@keras.saving.register_keras_serializable(package="impl_tf")
class HybridClassifier(_BinaryClassifier):
    """Binary classifier of words that sees the characters and the word: both vectors side by side.

    Args:
        vocabulary_size: number of character ids, padding (0) included.
        words: number of word ids; by custom 0 is the unknown word.
        embedding, units, cell, kernel_size: of the characters, as in `CharClassifier`.
        word_embedding: dimensions of the word's embedding.
        seed, dtype, name: as in `CharClassifier`.

    Batch: `characters` (B, T), `word` (B, 1), whole numbers below `words`, and `labels` (B, 1) in [0, 1]. Keras' methods take
    a dict, or the pair (characters, word), as x.

    Activations: embedding, states, summary, word_embedding (B, W), features (B, H + W), logits, probability.

    Raises:
        ValueError, TypeError: as in `CharClassifier`.
    """

    batch_names = ("characters", "word")

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
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        width = whole_number("word_embedding", word_embedding, least=1)
        super().__init__(vocabulary_size, embedding, units, cell, kernel_size, seed, dtype, name, beside=width)
        self.words = whole_number("words", words, least=1)
        self.word_embedding = embedding_table(
            self.words, width, _EMBEDDING_LIMIT, self._spare_seed, "word_embedding", self.dtype_policy
        )
        self.build()

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {
            "embedding": self.embedding.embeddings,
            **self.cell.parameter_table(),
            "word.embedding": self.word_embedding.embeddings,
            **layer_parameters("head", self.head),
        }

    def activations(self, characters: Any, word: Any, labels: Any = None) -> Named:
        ids = whole_numbers("characters", characters, (None, None), self.characters)
        words = whole_numbers("word", word, (ids.shape[0], 1), self.words)
        named = self._summarised(ids)
        of_word = looked_up(self.word_embedding, words[:, 0])
        features = tf.concat([named["summary"], of_word], axis=1)
        return {**named, "word_embedding": of_word, "features": features, **self._head(features)}

    def inference(self, characters: Any, word: Any, labels: Any = None) -> Named:
        """The probability of class 1."""
        return {"probability": self.activations(characters, word)["probability"]}

    def predict(self, x: Any = None, word: Any = None, *args: Any, **options: Any) -> Any:
        """As Keras' `predict`, of a dict or a pair, or of characters and words as two arguments."""
        if word is not None:
            x = (options.pop("characters") if x is None else x, word)
        return super().predict(x, *args, **options)

    def loss_terms(self, characters: Any, word: Any, labels: Any) -> Named:
        return self._binary_loss(self.activations(characters, word), labels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "words": self.words, "word_embedding": self.word_embedding.output_dim}

    def inspect_entry(self, name: str, array: np.ndarray) -> None:
        super().inspect_entry(name, array)
        if name == "word":
            whole_numbers(name, array, (None, 1), self.words)
