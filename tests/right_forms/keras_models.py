"""Models in Keras as one writes them: a row of layers, the functional interface, subclasses; losses that layers add, or in compute_loss."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from tests.right_forms.form import form


def _row(widths, inner, last):
    return [layers.Dense(w, activation=last if i == len(widths) - 1 else inner) for i, w in enumerate(widths)]


def _through(x, row):
    for layer in row:
        x = layer(x)
    return x


@form("LinearAutoencoder", "tf", name="sequential")
def build_linear_autoencoder(features, codings):
    return keras.Sequential([keras.Input((features,)), layers.Dense(codings), layers.Dense(features)])


@form("LinearAutoencoder", "tf", name="functional")
def build_linear_autoencoder(features, codings):  # noqa: F811
    x = keras.Input((features,))
    return keras.Model(x, layers.Dense(features)(layers.Dense(codings)(x)))


class _Halves(keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def call(self, x):
        return self.decoder(self.encoder(x))


@form("LinearAutoencoder", "tf", name="subclass")
def build_linear_autoencoder(features, codings):  # noqa: F811
    return _Halves(layers.Dense(codings), layers.Dense(features))


@form("StackedAutoencoder", "tf", name="sequential")
def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):
    return keras.Sequential(_row([*sizes[1:], *sizes[-2::-1]], activation, output_activation))


@form("StackedAutoencoder", "tf", name="functional")
def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):  # noqa: F811
    x = keras.Input((sizes[0],))
    coding = _through(x, _row(sizes[1:], activation, activation))
    return keras.Model(x, _through(coding, _row(sizes[-2::-1], activation, output_activation)))


@form("StackedAutoencoder", "tf", name="models_in_a_model")
def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):  # noqa: F811
    encoder = keras.Sequential([keras.Input((sizes[0],)), *_row(sizes[1:], activation, activation)])
    decoder = keras.Sequential([keras.Input((sizes[-1],)), *_row(sizes[-2::-1], activation, output_activation)])
    return keras.Sequential([encoder, decoder])


@form("PretrainedClassifier", "tf", name="sequential")
def build_pretrained_classifier(encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu"):
    below = keras.Sequential(_row(encoder[1:], activation, activation))
    below.trainable = trainable_encoder
    return keras.Sequential([below, layers.Dense(classes, activation="softmax")])


@form("PretrainedClassifier", "tf", name="functional")
def build_pretrained_classifier(encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu"):  # noqa: F811
    x, body = keras.Input((encoder[0],)), _row(encoder[1:], activation, activation)
    output = layers.Dense(classes, activation="softmax")(_through(x, body))
    for layer in body:
        layer.trainable = trainable_encoder
    return keras.Model(x, output)


def _of_characters(units, cell, kernel_size):
    return {
        "lstm": lambda: [layers.LSTM(units)],
        "rnn": lambda: [layers.SimpleRNN(units)],
        "bidirectional": lambda: [layers.Bidirectional(layers.LSTM(units))],
        "cnn": lambda: [layers.Conv1D(units, kernel_size, padding="same", activation="relu"), layers.GlobalMaxPooling1D()],
    }[cell]()


@form("CharClassifier", "tf", name="sequential")
def build_char_classifier(vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3):
    made = _of_characters(units, cell, kernel_size)
    return keras.Sequential([layers.Embedding(vocabulary_size, embedding), *made, layers.Dense(1, activation="sigmoid")])


@form("CharClassifier", "tf", name="functional")
def build_char_classifier(vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3):  # noqa: F811
    ids = keras.Input((None,), dtype="int32")
    x = _through(layers.Embedding(vocabulary_size, embedding)(ids), _of_characters(units, cell, kernel_size))
    return keras.Model(ids, ops.sigmoid(layers.Dense(1)(x)))


def _divergence(p, q):
    """As the notes print it, with an epsilon."""
    q = ops.clip(q, keras.config.epsilon(), 1 - keras.config.epsilon())
    return p * ops.log(p / q) + (1 - p) * ops.log((1 - p) / (1 - q))


class _Sparsity(keras.regularizers.Regularizer):
    """Of the activities, by Keras' own door."""

    def __init__(self, penalty, weight, target):
        self.penalty, self.target = penalty, target
        self.weight = {"l1": 1e-3, "kl": 0.05}[penalty] if weight is None else weight

    def __call__(self, x):
        if self.penalty == "l1":
            return self.weight * ops.mean(ops.sum(ops.abs(x), axis=-1))
        return self.weight * ops.sum(_divergence(self.target, ops.mean(x, axis=0)))


class _Adding(layers.Layer):
    def __init__(self, regularizer):
        super().__init__()
        self.regularizer = regularizer

    def call(self, x):
        self.add_loss(self.regularizer(x))
        return x


@form("SparseAutoencoder", "tf", name="layer_that_adds_a_loss")
def build_sparse_autoencoder(sizes, penalty, weight, target, activation, output_activation):
    down = _row(sizes[1:], activation, "sigmoid")
    return keras.Sequential(
        [*down, _Adding(_Sparsity(penalty, weight, target)), *_row(sizes[-2::-1], activation, output_activation)]
    )


@form("SparseAutoencoder", "tf", name="keras_divergence")
def build_sparse_autoencoder(sizes, penalty, weight, target, activation, output_activation):  # noqa: F811
    class Divergence(_Sparsity):
        def __call__(self, x):
            if self.penalty == "l1":
                return self.weight * ops.sum(ops.abs(x)) / ops.cast(ops.shape(x)[0], x.dtype)
            q = ops.clip(ops.mean(x, axis=0), 1e-7, 1 - 1e-7)
            p = ops.full_like(q, self.target)
            pairs = ops.stack([p, 1 - p], axis=-1), ops.stack([q, 1 - q], axis=-1)
            return self.weight * ops.sum(keras.losses.kl_divergence(*pairs))

    x = keras.Input((sizes[0],))
    coding = _Adding(Divergence(penalty, weight, target))(_through(x, _row(sizes[1:], activation, "sigmoid")))
    return keras.Model(x, _through(coding, _row(sizes[-2::-1], activation, output_activation)))


class _Sampling(layers.Layer):
    def call(self, moments, noise):
        mean, log_var = moments
        return mean + ops.exp(0.5 * log_var) * noise


_HELD = {
    "sgd": (),
    "momentum": ("velocity",),
    "nesterov": ("velocity",),
    "adagrad": ("squares",),
    "rmsprop": ("squares",),
    "adam": ("m", "v"),
}


def _step(optimizer, held, g, step, learning_rate):
    """What the learning rate times goes off a parameter."""
    if optimizer == "sgd":
        return g
    if optimizer in ("momentum", "nesterov"):
        held["velocity"] = 0.9 * held["velocity"] - learning_rate * g
        return -held["velocity"] / learning_rate if optimizer == "momentum" else g - 0.9 * held["velocity"] / learning_rate
    if optimizer in ("adagrad", "rmsprop"):
        held["squares"] = held["squares"] + g**2 if optimizer == "adagrad" else 0.9 * held["squares"] + 0.1 * g**2
        return g / (tf.sqrt(held["squares"]) + 1e-7)
    held["m"], held["v"] = 0.9 * held["m"] + 0.1 * g, 0.999 * held["v"] + 0.001 * g**2
    return held["m"] / (1 - 0.9**step) / (tf.sqrt(held["v"] / (1 - 0.999**step)) + 1e-7)


@form("VariationalAutoencoder", "tf", name="keras_model_with_losses_in_compute_loss")
class Variational(keras.Model):
    """The one of Keras' examples, with names and weights of the contract beside it."""

    def __init__(
        self,
        sizes=(784, 150, 100),
        latent=10,
        beta=1.0,
        activation="relu",
        output_activation="sigmoid",
        loss="mean_squared_error",
        **kwargs,
    ):
        super().__init__(**kwargs)
        options = {"dtype": self.dtype_policy}
        self.beta, self.error = beta, loss
        dense = lambda i, o, f: layers.Dense(o, activation=f, **options)  # noqa: E731
        self.encoder = [dense(i, o, activation) for i, o in itertools.pairwise(sizes)]
        self.heads = [dense(sizes[-1], latent, None), dense(sizes[-1], latent, None)]
        ways = [latent, *sizes[::-1]]
        self.decoder = [dense(i, o, activation) for i, o in itertools.pairwise(ways[:-1])]
        self.last, self.squash, self.sampling = dense(sizes[1], sizes[0], None), output_activation, _Sampling(**options)
        for layer, width in zip(
            [*self.encoder, *self.heads, *self.decoder, self.last],
            [*sizes[:-1], sizes[-1], sizes[-1], latent, *sizes[:0:-1]],
            strict=True,
        ):
            layer.build((None, width))

    def table(self):
        named = {f"encoder.{i}": layer for i, layer in enumerate(self.encoder)} | {"mean": self.heads[0], "log_var": self.heads[1]}
        named |= {f"decoder.{i}": layer for i, layer in enumerate([*self.decoder, self.last])}
        return {f"{n}.{part}": v for n, layer in named.items() for part, v in (("weight", layer.kernel), ("bias", layer.bias))}

    def import_weights(self, weights):
        for name, variable in self.table().items():
            variable.assign(weights[name])

    def export_weights(self):
        return {name: np.array(variable) for name, variable in self.table().items()}

    def encoded(self, x):
        named = {}
        for i, layer in enumerate(self.encoder):
            named[f"encoder.{i}"] = x = layer(x)
        return {**named, "mean": self.heads[0](x), "log_var": self.heads[1](x)}

    def decoded(self, z):
        named = {}
        for i, layer in enumerate(self.decoder):
            named[f"decoder.{i}"] = z = layer(z)
        logits = self.last(z)
        return {**named, "logits": logits, "reconstruction": ops.sigmoid(logits) if self.squash == "sigmoid" else logits}

    def activations(self, inputs, noise):
        named = self.encoded(inputs)
        z = self.sampling((named["mean"], named["log_var"]), noise)
        return {**named, "coding": z, **self.decoded(z)}

    def inference(self, inputs, noise=None):
        return {"reconstruction": self.decoded(self.encoded(inputs)["mean"])["reconstruction"]}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        mean, log_var = y_pred["mean"], y_pred["log_var"]
        if self.error == "mean_squared_error":
            error = ops.mean(ops.sum(ops.square(x - y_pred["reconstruction"]), axis=1))
        else:
            elements = keras.losses.binary_crossentropy(x[..., None], y_pred["logits"][..., None], from_logits=True)
            error = ops.mean(ops.sum(elements, axis=1))
        divergence = -0.5 * (1 + log_var - ops.square(mean) - ops.exp(log_var))
        return error, self.beta * ops.mean(ops.sum(divergence, axis=1))

    def loss_terms(self, inputs, noise):
        error, latent = self.compute_loss(inputs, y_pred=self.activations(inputs, noise))
        return {"reconstruction": error, "latent": latent, "total": error + latent}

    def gradients(self, **batch):
        table = self.table()
        with tf.GradientTape() as tape:
            total = self.loss_terms(**batch)["total"]
        return dict(zip(table, tape.gradient(total, [v.value for v in table.values()]), strict=True))

    def training_steps(self, batches, optimizer="adam", learning_rate=1e-3):
        # Keras' own add ε elsewhere in the last three; they are written as their sources print them.
        table, losses = self.table(), []
        held = {name: {q: tf.zeros_like(v.value) for q in _HELD[optimizer]} for name, v in table.items()}
        for step, batch in enumerate(batches, 1):
            with tf.GradientTape() as tape:
                total = self.loss_terms(**batch)["total"]
            gradients = tape.gradient(total, [v.value for v in table.values()])
            for (name, variable), g in zip(table.items(), gradients, strict=True):
                variable.assign_sub(learning_rate * _step(optimizer, held[name], g, step, learning_rate))
            losses.append(float(total))
        state = {f"{name}/{q}": np.array(value) for name, kept in held.items() for q, value in kept.items()}
        object.__setattr__(self, "optimizer_state", state)
        return losses
