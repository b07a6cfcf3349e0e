"""The networks of impl_tf as a user would write them: Sequential or functional, Keras' own losses, penalties by `add_loss`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from tests.benchmarks.side_by_side import CLASSES, VOCABULARY, WORDS


class L1(layers.Layer):
    """λ Σ|a| / B of what passes."""

    def call(self, a: Any) -> Any:
        self.add_loss(1e-3 * tf.reduce_mean(tf.reduce_sum(tf.abs(a), axis=1)))
        return a


class Kl(layers.Layer):
    """λ Σ_D KL(p ‖ p̂) of what passes."""

    def call(self, a: Any, p: float = 0.1) -> Any:
        q = tf.clip_by_value(tf.reduce_mean(a, axis=0), 1e-7, 1 - 1e-7)
        self.add_loss(0.05 * tf.reduce_sum(p * tf.math.log(p / q) + (1 - p) * tf.math.log((1 - p) / (1 - q))))
        return a


class Sampling(layers.Layer):
    """μ + e^(γ/2) ε, and the divergence of N(μ, e^γ) from N(0, 1)."""

    def call(self, inputs: Any) -> Any:
        mean, log_var, noise = inputs
        divergence = -0.5 * tf.reduce_sum(1 + log_var - tf.square(mean) - tf.exp(log_var), axis=1)
        self.add_loss(tf.reduce_mean(divergence))
        return mean + tf.exp(0.5 * log_var) * noise


class Contractive(layers.Dense):
    """A sigmoid layer with λ · mean ‖J‖²_F."""

    def call(self, inputs: Any, training: Any = None) -> Any:
        h = tf.sigmoid(super().call(inputs, training))
        norms = tf.reduce_sum(tf.square(self.kernel), axis=0)
        self.add_loss(0.1 * tf.reduce_mean(tf.reduce_sum(tf.square(h * (1 - h)) * norms, axis=1)))
        return h


def _summed_squares(targets: Any, outputs: Any) -> Any:
    return tf.reduce_sum(tf.square(targets - outputs), axis=-1)


def _compiled(model: Any, loss: Any) -> Any:
    model.compile(optimizer="adam", loss=loss)
    return model


def _dense(*widths: int) -> list[Any]:
    return [layers.Dense(width, activation="relu") for width in widths]


def _coder(*parts: Any) -> Any:
    return _compiled(keras.Sequential([layers.Input((784,)), *parts, layers.Dense(784, activation="sigmoid")]), "mse")


def _sparse(penalty: Any) -> Any:
    return _coder(*_dense(100), layers.Dense(300, activation="sigmoid"), penalty, *_dense(100))


def _variational() -> Any:
    x, noise = layers.Input((784,)), layers.Input((10,))
    h = keras.Sequential(_dense(150, 100))(x)
    z = Sampling()([layers.Dense(10)(h), layers.Dense(10)(h), noise])
    output = keras.Sequential([*_dense(100, 150), layers.Dense(784, activation="sigmoid")])(z)
    return _compiled(keras.Model([x, noise], output), _summed_squares)


def _denoising() -> Any:
    x, noise = layers.Input((784,)), layers.Input((784,))
    output = keras.Sequential([*_dense(100, 30, 100), layers.Dense(784, activation="sigmoid")])(x + 0.25 * noise)
    return _compiled(keras.Model([x, noise], output), "mse")


def _linear() -> Any:
    return _compiled(keras.Sequential([layers.Input((784,)), layers.Dense(30), layers.Dense(784)]), "mse")


def _classifier(trainable: bool) -> Any:
    encoder = _dense(100, 30)
    for layer in encoder:
        layer.trainable = trainable
    model = keras.Sequential([layers.Input((784,)), *encoder, layers.Dense(CLASSES)])
    return _compiled(model, keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _characters(*cell: Any) -> Any:
    model = keras.Sequential([layers.Input((None,), dtype="int64"), layers.Embedding(VOCABULARY, 8), *cell, layers.Dense(1)])
    return _compiled(model, keras.losses.BinaryCrossentropy(from_logits=True))


class Hybrid(keras.Model):
    """LSTM over characters, the embedding of the word beside it. A class, for its weights stand in the order of the layers."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.lstm = layers.Embedding(VOCABULARY, 8), layers.LSTM(64)
        self.words, self.head = layers.Embedding(WORDS, 16), layers.Dense(1)
        self([tf.zeros((1, 1), tf.int64), tf.zeros((1, 1), tf.int64)])

    def call(self, inputs: Any) -> Any:
        ids, word = inputs
        return self.head(tf.concat([self.lstm(self.embedding(ids)), self.words(word)[:, 0]], axis=1))


PLAIN: Mapping[str, Callable[[], Any]] = {
    "stacked": lambda: _coder(*_dense(100, 30, 100)),
    "sparse l1": lambda: _sparse(L1()),
    "sparse kl": lambda: _sparse(Kl()),
    "variational": _variational,
    "denoising": _denoising,
    "contractive": lambda: _coder(Contractive(100)),
    "linear": _linear,
    "pretrained frozen": lambda: _classifier(False),
    "pretrained fine-tuned": lambda: _classifier(True),
    "characters lstm": lambda: _characters(layers.LSTM(64)),
    "characters rnn": lambda: _characters(layers.SimpleRNN(64)),
    "characters bidirectional": lambda: _characters(layers.Bidirectional(layers.LSTM(64))),
    "characters cnn": lambda: _characters(layers.Conv1D(64, 3, padding="same", activation="relu"), layers.GlobalMaxPooling1D()),
    "hybrid": lambda: _compiled(Hybrid(), keras.losses.BinaryCrossentropy(from_logits=True)),
}
