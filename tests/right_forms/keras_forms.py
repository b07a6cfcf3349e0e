"""Keras and TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tests.right_forms.form import form

ONE = ("float64",)


def _elements(elements: Any, reduction: str) -> Any:
    rows = tf.reduce_sum(tf.reshape(elements, (tf.shape(elements)[0], -1)), 1)
    return {"mean": tf.reduce_mean(elements), "sum": tf.reduce_mean(rows), "none": rows}[reduction]


def _rows(rows: Any, reduction: str) -> Any:
    return {"mean": tf.reduce_mean(rows), "sum": tf.reduce_sum(rows), "none": rows}[reduction]


CROSS_ENTROPIES: dict[str, Callable[[Any, Any], Any]] = {
    "with_logits": lambda t, z: tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=z),
    "keras_ops": lambda t, z: ops.binary_crossentropy(t, z, from_logits=True),
    "both_softplus": lambda t, z: t * tf.math.softplus(-z) + (1 - t) * tf.math.softplus(z),
    "one_softplus_less": lambda t, z: tf.nn.softplus(z) - t * z,
    "both_log_sigmoid": lambda t, z: -t * tf.math.log_sigmoid(z) - (1 - t) * tf.math.log_sigmoid(-z),
    "ops_log_sigmoid": lambda t, z: -t * ops.log_sigmoid(z) - (1 - t) * ops.log_sigmoid(-z),
    "ops_softplus": lambda t, z: ops.softplus(z) - t * z,
    "logsumexp": lambda t, z: tf.reduce_logsumexp(tf.stack([tf.zeros_like(z), z]), 0) - t * z,
    "ops_logaddexp": lambda t, z: ops.logaddexp(ops.zeros_like(z), z) - t * z,
    "two_classes": lambda t, z: tf.nn.softmax_cross_entropy_with_logits(
        tf.stack([1 - t, t], -1), tf.stack([tf.zeros_like(z), z], -1)
    ),
    "weighted_by_one": lambda t, z: tf.nn.weighted_cross_entropy_with_logits(t, z, pos_weight=1.0),
}
for _name, _function in CROSS_ENTROPIES.items():

    @form("binary_cross_entropy", "tf", name=_name)
    def binary_cross_entropy(targets, logits, reduction="mean", elements=_function):
        return _elements(elements(targets, logits), reduction)


@form("binary_cross_entropy", "tf")
def keras_losses(targets, logits, reduction="mean"):
    rows = keras.losses.binary_crossentropy(targets, logits, from_logits=True)  # a mean over the features
    width = logits.shape[-1]
    return {"mean": lambda: tf.reduce_mean(rows), "sum": lambda: width * tf.reduce_mean(rows), "none": lambda: width * rows}[
        reduction
    ]()


SQUARES: dict[str, Callable[[Any, Any], Any]] = {
    "squared_difference": lambda x, r: tf.math.squared_difference(x, r),
    "square": lambda x, r: tf.square(r - x),
    "ops_square": lambda x, r: ops.square(ops.subtract(x, r)),
    "power": lambda x, r: (x - r) ** 2,
    "multiply": lambda x, r: tf.multiply(x - r, x - r),
}
for _name, _function in SQUARES.items():

    @form("mean_squared_error", "tf", name=_name)
    def mean_squared_error(inputs, reconstructions, reduction="mean", elements=_function):
        return _elements(elements(inputs, reconstructions), reduction)


DIVERGENCES: dict[str, Callable[[Any, Any], Any]] = {
    "as_printed": lambda m, g: -0.5 * tf.reduce_sum(1 + g - tf.square(m) - tf.exp(g), axis=1),
    "keras_example": lambda m, g: ops.sum(-0.5 * (1 + g - ops.square(m) - ops.exp(g)), axis=1),
    "expm1": lambda m, g: 0.5 * tf.reduce_sum(tf.square(m) + (tf.math.expm1(g) - g), axis=1),
    "ops_expm1": lambda m, g: 0.5 * ops.sum(ops.square(m) + (ops.expm1(g) - g), axis=-1),
    "rearranged": lambda m, g: 0.5 * tf.reduce_sum(tf.exp(g) + m**2 - 1.0 - g, axis=-1),
}
for _name, _function in DIVERGENCES.items():

    @form("vae_kl_loss", "tf", name=_name)
    def vae_kl_loss(mean, log_var, reduction="mean", rows=_function):
        return _rows(rows(mean, log_var), reduction)


HUBERS: dict[str, Callable[[Any, Any, float], Any]] = {
    "keras_huber": lambda t, p, delta: tf.cast(t.shape[1], t.dtype) * keras.losses.huber(t, p, delta=delta),
    "where": lambda t, p, d: tf.reduce_sum(tf.where(abs(p - t) <= d, 0.5 * (p - t) ** 2, d * abs(p - t) - 0.5 * d**2), 1),
}
for _name, _function in HUBERS.items():

    @form("huber_loss", "tf", name=_name)
    def huber_loss(targets, predictions, delta=1.0, reduction="mean", rows=_function):
        return _rows(rows(targets, predictions, delta), reduction)


UNITS: dict[str, Callable[[Any, Any], Any]] = {
    "as_printed": lambda p, q: p * tf.math.log(p / q) + (1 - p) * tf.math.log((1 - p) / (1 - q)),
    "ops_log1p": lambda p, q: p * (ops.log(p) - ops.log(q)) + (1 - p) * (ops.log1p(-p) - ops.log1p(-q)),
    "xlogy": lambda p, q: tf.math.xlogy(p, p / q) + tf.math.xlogy(1 - p, (1 - p) / (1 - q)),
    "xlog1py": lambda p, q: tf.math.xlogy(p, p) - tf.math.xlogy(p, q) + tf.math.xlog1py(1 - p, -p) - tf.math.xlog1py(1 - p, -q),
}
for _name, _function in UNITS.items():

    @form("kl_sparsity_loss", "tf", name=_name)
    def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7, unit=_function):
        q = tf.clip_by_value(tf.reduce_mean(activations, 0), epsilon, 1 - epsilon)
        return weight * tf.reduce_sum(unit(tf.fill(q.shape, tf.constant(target, q.dtype)), q))


NORMS: dict[str, Callable[[Any], Any]] = {
    "abs": lambda a: tf.reduce_sum(tf.abs(a)) / a.shape[0],
    "norm": lambda a: tf.reduce_mean(tf.norm(a, ord=1, axis=1)),
    "ops_norm": lambda a: ops.sum(ops.abs(a)) / ops.shape(a)[0],
    "rows": lambda a: tf.reduce_mean(tf.reduce_sum(tf.abs(a), -1)),
}
for _name, _function in NORMS.items():

    @form("l1_activity_loss", "tf", name=_name)
    def l1_activity_loss(activations, weight=1e-3, norm=_function):
        return weight * norm(activations)


SAMPLES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "half": lambda m, g, e: m + tf.exp(0.5 * g) * e,
    "keras_example": lambda m, g, e: m + ops.exp(0.5 * g) * e,
    "root_of_variance": lambda m, g, e: m + tf.sqrt(tf.exp(g)) * e,
}
for _name, _function in SAMPLES.items():

    @form("reparameterize", "tf", name=_name)
    def reparameterize(mean, log_var, noise, sample=_function):
        return sample(mean, log_var, noise)


@form("pad_sequences", "tf", ONE)
def keras_utils(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    return keras.utils.pad_sequences(sequences, maxlen=maxlen, padding=padding, truncating=truncating, value=value)


@form("pad_sequences", "tf", ONE)
def tensor_of_keras(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    return tf.constant(keras.utils.pad_sequences(sequences, maxlen, "int32", padding, truncating, value))


@form("pad_sequences", "tf", ONE)
def lists_of_keras(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    return np.asarray(keras.utils.pad_sequences(sequences, maxlen, "int32", padding, truncating, value)).tolist()
