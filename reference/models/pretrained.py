"""Unsupervised pretraining, phase 2: the encoder of a trained autoencoder under a softmax head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reference.arguments import layer_sizes, one_of, whole_number, whole_numbers
from reference.domains import Choice, Domain, Ids, Length, Reals, Widths
from reference.layers import perceptron
from reference.layers.activations import ACTIVATIONS
from reference.layers.perceptron import DenseLayer
from reference.layers.softmax import softmax, softmax_cross_entropy, softmax_cross_entropy_vjp
from reference.models.autoencoder import Autoencoder, encoder_layers, rows
from reference.models.model import Model, Named
from reference.specification import Array, OfImages, StandIn, specify


@specify(
    kind="model",
    equation="softmax(W · encoder(x) + b); cross-entropy with the label; the encoder frozen or fine-tuned",
    source="000 §3.3",
    inputs={
        "encoder": Widths(2, 4),
        "classes": Length(2, 6),
        "trainable_encoder": Choice((False, True)),
        "activation": Choice(("relu", "sigmoid", "tanh")),
    },
    quantities=("activations", "value", "gradient", "training"),
    real=OfImages(lambda features, classes: {"encoder": (features, 32, 16), "classes": classes}),
    stand_in=StandIn(
        seen="inputs",
        shown="probabilities",
        target="labels",
        loss="softmax_cross_entropy",
        term="cross_entropy",
    ),
)
class PretrainedClassifier(Model):
    """A classifier on the codings of an autoencoder.

    Args:
        encoder: a trained autoencoder, whose encoder weights are copied; or widths, for an encoder that is yet to be given weights.
        classes: number of classes, at least 2.
        trainable_encoder: fine-tune the encoder; otherwise it is frozen: it has no gradients and training leaves it bit-identical.
        activation: of the encoder, where only widths are given.
        seed: of the initial weights of the head.

    Batch: `inputs` (B, features) and `labels` (B, 1), whole numbers below `classes`.

    Activations: encoder.0, …, coding, logits, probabilities. Loss terms: cross_entropy, total.

    Raises:
        ValueError: an encoder without layers, fewer than two classes, inputs that do not fit the encoder, labels of another shape
            or out of range.
        TypeError: an encoder that is neither an autoencoder nor widths, labels that are not whole numbers.

    Source: lecture notes 000 §3.3.

    >>> PretrainedClassifier((4, 2), classes=3).trainable_names
    ('head.weight', 'head.bias')
    """

    def __init__(
        self,
        encoder: Autoencoder | Sequence[int] = (784, 100, 30),
        classes: int = 10,
        trainable_encoder: bool = False,
        activation: str = "relu",
        seed: int = 0,
    ) -> None:
        rng = np.random.default_rng(whole_number("seed", seed, 0))
        if isinstance(encoder, Autoencoder):
            self.sizes = encoder.sizes
            self.encoder = encoder.layers[: len(encoder.sizes) - 1]
            initial = {name: encoder.weights[name] for name in perceptron.parameter_shapes(self.encoder)}
        else:
            if not isinstance(encoder, Sequence):
                raise TypeError(f"encoder: expected an autoencoder or a sequence of whole numbers, got {type(encoder).__name__}")
            self.sizes = layer_sizes("encoder", encoder, least=2)
            one_of("activation", activation, ACTIVATIONS)
            self.encoder = tuple(encoder_layers(self.sizes, activation, activation))
            initial = perceptron.initial_weights(self.encoder, rng)
        self.classes = whole_number("classes", classes, 2)
        if not isinstance(trainable_encoder, bool):
            raise TypeError(f"trainable_encoder: expected a bool, got {type(trainable_encoder).__name__}")
        self.trainable_encoder = trainable_encoder
        self.head = DenseLayer("head", self.sizes[-1], self.classes, "linear", "logits")
        self.weights = {name: value.copy() for name, value in initial.items()} | perceptron.initial_weights([self.head], rng)

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return perceptron.parameter_shapes((*self.encoder, self.head))

    def batch_domains(self) -> dict[str, Domain]:
        return {
            "inputs": Reals(("batch", self.sizes[0]), 0.0, 1.0, typical=(0.0, 1.0), edges=(0.0, 1.0)),
            "labels": Ids(("batch", 1), self.classes),
        }

    def method_domains(self) -> dict[str, dict[str, Domain]]:
        return {"predict": {name: domain for name, domain in self.batch_domains().items() if name != "labels"}}

    def activations(self, inputs: Any, labels: Any = None) -> Named:
        outputs, _ = perceptron.forward((*self.encoder, self.head), self.weights, rows("inputs", inputs, self.sizes[0]))
        return {**outputs, "probabilities": softmax(outputs["logits"])}

    def inference(self, inputs: Any, labels: Any = None) -> Named:
        """The probabilities of the classes."""
        return {"probabilities": self.activations(inputs)["probabilities"]}

    def predict(self, inputs: Any) -> Array:
        """The probabilities of the classes, (B, classes)."""
        return self.inference(inputs)["probabilities"]

    def loss_terms(self, inputs: Any, labels: Any) -> Named:
        named = self.activations(inputs)
        loss = softmax_cross_entropy(self._labels(labels, len(named["logits"])), named["logits"])
        return {"cross_entropy": loss, "total": loss}

    def gradients(self, inputs: Any, labels: Any) -> Named:
        """∂total/∂parameter for every parameter that is trained."""
        named = self.activations(inputs)
        cotangent = softmax_cross_entropy_vjp(self._labels(labels, len(named["logits"])), named["logits"])
        x = rows("inputs", inputs, self.sizes[0])
        gradients, _ = perceptron.backward((*self.encoder, self.head), self.weights, x, named, cotangent)
        return {name: gradients[name] for name in self.trainable_names}

    @property
    def trainable_names(self) -> tuple[str, ...]:
        head = (self.head.weight, self.head.bias)
        return tuple(self.weights) if self.trainable_encoder else head

    def _labels(self, labels: Any, batch: int) -> Array:
        return whole_numbers("labels", labels, (batch, 1), self.classes)
