"""What TensorFlow Probability, older TensorFlow and Keras' own doors write for the same."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops
from keras.src.legacy.preprocessing.text import Tokenizer

from tests.right_forms.form import form

ONE = ("float64",)


def _of_rows(rows, reduction):
    return {"mean": tf.reduce_mean(rows), "sum": tf.reduce_sum(rows), "none": rows}[reduction]


def _of_errors(rows, width, reduction):
    return {"mean": tf.reduce_mean(rows) / width, "sum": tf.reduce_mean(rows), "none": rows}[reduction]


def _width(x):
    return tf.cast(tf.size(x) / tf.shape(x)[0], x.dtype)


@form("vae_kl_loss", "tf")
def probability_kl_normal_normal(mean, log_var, reduction="mean"):
    diff_log_scale = 0.5 * log_var  # of `_kl_normal_normal` with the standard normal
    elements = 0.5 * tf.math.squared_difference(mean, 0.0) + 0.5 * tf.math.expm1(2.0 * diff_log_scale) - diff_log_scale
    return _of_rows(tf.reduce_sum(elements, -1), reduction)


@form("binary_cross_entropy", "tf")
def class_of_keras(targets, logits, reduction="mean"):
    elements = keras.losses.BinaryCrossentropy(from_logits=True, reduction="none", dtype=targets.dtype.name)(
        targets[..., None], logits[..., None]
    )
    return _of_errors(tf.reduce_sum(tf.reshape(elements, (tf.shape(logits)[0], -1)), 1), _width(logits), reduction)


@form("mean_squared_error", "tf")
def l2_loss(inputs, reconstructions, reduction="mean"):
    rows = tf.map_fn(lambda d: 2 * tf.nn.l2_loss(d), inputs - reconstructions)
    return _of_errors(rows, _width(inputs), reduction)


@form("huber_loss", "tf")
def huber_of_older_tensorflow(targets, predictions, delta=1.0, reduction="mean"):
    abs_error = tf.abs(tf.subtract(predictions, targets))
    quadratic = tf.minimum(abs_error, delta)
    linear = tf.subtract(abs_error, quadratic)
    losses = tf.add(tf.multiply(0.5, tf.multiply(quadratic, quadratic)), tf.multiply(tf.constant(delta, linear.dtype), linear))
    return _of_rows(tf.reduce_sum(losses, 1), reduction)


@form("l1_activity_loss", "tf", ("float32",))  # Keras keeps the weight in its own precision
def regularizer_of_keras(activations, weight=1e-3):
    return keras.regularizers.L1(weight)(activations) / ops.cast(ops.shape(activations)[0], activations.dtype)


@form("kl_sparsity_loss", "tf")
def divergence_of_keras(activations, target=0.1, weight=1.0, epsilon=1e-7):
    q = ops.clip(ops.mean(activations, axis=0), epsilon, 1 - epsilon)
    p = ops.full_like(q, target)
    return weight * ops.sum(p * ops.log(p / q) + (1 - p) * ops.log((1 - p) / (1 - q)))


@form("pad_sequences", "tf", ONE)
def ragged_tensor(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width = max(map(len, sequences)) if maxlen is None else maxlen
    kept = [row[max(0, len(row) - width) :] if truncating == "pre" else row[:width] for row in sequences]
    turned = [row[::-1] if padding == "pre" else row for row in kept]
    padded = tf.ragged.constant(turned, dtype=tf.int32, ragged_rank=1).to_tensor(value, shape=(len(kept), width))
    return tf.reverse(padded, [1]) if padding == "pre" else padded


@form("CharTokenizer", "tf", ONE)
class TokenizerOfKeras:
    """The one of the lecture's listing, by characters."""

    def __init__(self, lower=True, oov_token=None, num_chars=None):
        self.inner = Tokenizer(num_words=num_chars, filters="", lower=lower, char_level=True, oov_token=oov_token)

    def fit(self, texts):
        self.inner.fit_on_texts(texts)
        return self

    @property
    def vocabulary(self):
        return self.inner.word_index

    def encode(self, texts):
        return self.inner.texts_to_sequences(texts)

    def decode(self, sequences):
        return ["".join(self.inner.index_word[i] for i in row if i) for row in sequences]
