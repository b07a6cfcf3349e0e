"""Unsupervised pretraining, phase 2: the encoder of a trained autoencoder under a softmax head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from impl_tf.arguments import flag, floating_policy, layer_sizes, one_of, whole_number, whole_numbers
from impl_tf.layers import perceptron
from impl_tf.layers.activations import ACTIVATIONS
from impl_tf.layers.dense import dense
from impl_tf.layers.softmax import softmax_cross_entropy
from impl_tf.models.autoencoder import Autoencoder, layer_parameters, layer_seeds
from impl_tf.models.model import Model, Named

__all__ = ["PretrainedClassifier"]


@keras.saving.register_keras_serializable(package="impl_tf")
class PretrainedClassifier(Model):
    """A classifier on the codings of an autoencoder.

    `compile(optimizer="adam")`, then `fit(inputs, labels)`: the loss is the model's own, from logits. Called, and by `predict`, it
    gives probabilities.

    Args:
        encoder: a trained autoencoder, whose encoder weights are copied; or widths, for an encoder that is yet to be given weights.
        classes: number of classes, at least 2.
        trainable_encoder: fine-tune the encoder; otherwise it is frozen: it has no gradients and training leaves it bit-identical.
        activation: of the encoder, where only widths are given.
        seed: of the initial weights of the head.
        dtype: of the variables, or a Keras dtype policy; None means that of the autoencoder, or the global one.
        name: of the Keras model.

    Batch: `inputs` (B, features) and `labels` (B, 1), whole numbers below `classes`.

    Activations: encoder.0, …, coding, logits, probabilities. Loss terms: cross_entropy, total.

    Raises:
        ValueError: an encoder without layers, fewer than two classes, inputs that do not fit the encoder, labels of another shape
            or out of range (seen in eager mode, and in arrays given to `fit` and `evaluate`).
        TypeError: an encoder that is neither an autoencoder nor widths, labels that are not whole numbers.
    """

    label_name = "labels"
    output_name = "probabilities"

    def __init__(
        self,
        encoder: Autoencoder | Sequence[int] = (784, 100, 30),
        classes: int = 10,
        trainable_encoder: bool = False,
        activation: str = "relu",
        seed: int = 0,
        *,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        autoencoder = encoder if isinstance(encoder, Autoencoder) else None
        policy = floating_policy("dtype", autoencoder.dtype_policy if autoencoder is not None and dtype is None else dtype)
        super().__init__(name=name, dtype=policy)
        if autoencoder is None and not isinstance(encoder, Sequence):
            raise TypeError(f"encoder: expected an autoencoder or a sequence of whole numbers, got {type(encoder).__name__}")
        self.sizes = layer_sizes("encoder", encoder, least=2) if autoencoder is None else autoencoder.sizes
        one_of("activation", activation, ACTIVATIONS)
        self.activation = activation if autoencoder is None else autoencoder.activation
        self.coding_activation = activation if autoencoder is None else autoencoder.coding_activation
        self.classes = whole_number("classes", classes, least=2)
        flag("trainable_encoder", trainable_encoder)
        of_head, *of_encoder = layer_seeds(seed, len(self.sizes))
        self.seed = seed
        self.encoder = perceptron.dense_layers("encoder", self.sizes, of_encoder, policy, trainable_encoder)
        for mine, its in zip(self.encoder, autoencoder.encoder if autoencoder is not None else (), strict=autoencoder is not None):
            mine.set_weights(its.get_weights())
        self.head = dense(self.sizes[-1], self.classes, of_head, "head", policy)
        self.build()

    @property
    def trainable_encoder(self) -> bool:
        """Whether training changes the encoder, also after Keras' `trainable` was set."""
        return all(layer.trainable for layer in self.encoder)

    def parameter_table(self) -> dict[str, keras.Variable]:
        layers = {**{f"encoder.{i}": layer for i, layer in enumerate(self.encoder)}, "head": self.head}
        return {name: variable for prefix, layer in layers.items() for name, variable in layer_parameters(prefix, layer).items()}

    def activations(self, inputs: tf.Tensor, labels: Any = None) -> Named:
        x = self._rows("inputs", inputs, self.sizes[0])
        outputs = perceptron.encoded(self.encoder, self.activation, self.coding_activation, x)
        logits = self.head(outputs["coding"])
        return {**outputs, "logits": logits, "probabilities": tf.nn.softmax(logits)}

    def inference(self, inputs: tf.Tensor, labels: Any = None) -> Named:
        """The probabilities of the classes."""
        return {"probabilities": self.activations(inputs)["probabilities"]}

    def loss_terms(self, inputs: tf.Tensor, labels: Any) -> Named:
        logits = self.activations(inputs)["logits"]
        loss = softmax_cross_entropy(self._labels(labels, logits.shape[0]), logits)
        return {"cross_entropy": loss, "total": loss}

    def get_config(self) -> dict[str, Any]:
        return {
            "encoder": list(self.sizes),
            "classes": self.classes,
            "trainable_encoder": self.trainable_encoder,
            "activation": self.activation,
            # No argument of the constructor, which has it from the autoencoder.
            "coding_activation": self.coding_activation,
            "seed": self.seed,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> PretrainedClassifier:
        """A model without its weights."""
        arguments = dict(config)
        coding_activation = arguments.pop("coding_activation", None)
        model = cls(**arguments)
        if coding_activation is not None:
            model.coding_activation = one_of("coding_activation", coding_activation, ACTIVATIONS)
        return model

    def _widths(self) -> Mapping[str, int]:
        return {"inputs": self.sizes[0]}

    def inspect_entry(self, name: str, array: np.ndarray) -> None:
        super().inspect_entry(name, array)
        if name == "labels":
            self._labels(array, None)

    def _labels(self, labels: Any, batch: int | None) -> tf.Tensor:
        return whole_numbers("labels", labels, (batch, 1), self.classes)
