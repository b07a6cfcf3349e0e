"""Unsupervised pretraining, phase 2: the encoder of a trained autoencoder under a softmax head."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from impl_torch.arguments import flag, layer_sizes, one_of, whole_number, whole_numbers, widened
from impl_torch.layers import perceptron
from impl_torch.layers.activations import ACTIVATIONS
from impl_torch.layers.dense import dense
from impl_torch.models.autoencoder import Autoencoder
from impl_torch.models.model import Model, Named, generator

__all__ = ["PretrainedClassifier"]


class PretrainedClassifier(Model):
    """A classifier on the codings of an autoencoder.

    Args:
        encoder: a trained autoencoder, whose encoder weights are copied; or widths, for an encoder that is yet to be given weights.
        classes: number of classes, at least 2.
        trainable_encoder: fine-tune the encoder; otherwise it is frozen: it has no gradients and training leaves it bit-identical.
        activation: of the encoder, where only widths are given.
        seed: of the initial weights of the head, and of the encoder where only widths are given.
        dtype, device: of the parameters; None means those of the autoencoder, or PyTorch's default.

    Batch: `inputs` (B, features) and `labels` (B, 1), whole numbers below `classes`.

    Activations: encoder.0, …, coding, logits, probabilities. Loss terms: cross_entropy, total.

    Raises:
        ValueError: an encoder without layers, fewer than two classes, inputs that do not fit the encoder, labels of another shape
            or (in eager mode) out of range.
        TypeError: an encoder that is neither an autoencoder nor widths, labels that are not whole numbers.

    Source: lecture notes 000 §3.3.
    """

    def __init__(
        self,
        encoder: Autoencoder | Sequence[int] = (784, 100, 30),
        classes: int = 10,
        trainable_encoder: bool = False,
        activation: str = "relu",
        seed: int = 0,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        source = generator(seed, dtype)
        if isinstance(encoder, Autoencoder):
            like = next(encoder.parameters())
            dtype, device = dtype or like.dtype, device or like.device
            self.sizes, self.activation, self.coding_activation = encoder.sizes, encoder.activation, encoder.coding_activation
            self.encoder = copy.deepcopy(encoder.encoder).to(device=device, dtype=dtype)
        else:
            if not isinstance(encoder, Sequence):
                raise TypeError(f"encoder: expected an autoencoder or a sequence of whole numbers, got {type(encoder).__name__}")
            self.sizes = layer_sizes("encoder", encoder, least=2)
            self.activation = self.coding_activation = one_of("activation", activation, ACTIVATIONS)
            self.encoder = perceptron.dense_layers(self.sizes, source, dtype, device)
        self.classes = whole_number("classes", classes, least=2)
        self.trainable_encoder = flag("trainable_encoder", trainable_encoder)
        self.encoder.requires_grad_(trainable_encoder)
        self.head = dense(self.sizes[-1], self.classes, source, dtype, device)

    def forward(self, inputs: Tensor) -> Tensor:
        """The logits, (B, classes), as `torch.nn.CrossEntropyLoss` wants them."""
        self._rows("inputs", inputs, self.sizes[0])
        return self._to_logits(inputs)["logits"]

    def activations(self, inputs: Tensor, labels: Tensor | None = None) -> Named:
        self._rows("inputs", inputs, self.sizes[0])
        found = self._to_logits(inputs)
        return {**found, "probabilities": torch.softmax(found["logits"], dim=1)}

    def inference(self, inputs: Tensor, labels: Tensor | None = None) -> Named:
        """The probabilities of the classes."""
        return {"probabilities": self.activations(inputs)["probabilities"]}

    def predict(self, inputs: Tensor) -> Tensor:
        """The probabilities of the classes, (B, classes)."""
        return self.inference(inputs)["probabilities"]

    def loss_terms(self, inputs: Tensor, labels: Tensor) -> Named:
        self._rows("inputs", inputs, self.sizes[0])
        targets = whole_numbers("labels", labels, (len(inputs), 1), self.classes, self.head.weight)
        logits = self._to_logits(inputs)["logits"]
        loss = functional.cross_entropy(widened(logits), targets[:, 0]).to(logits.dtype)
        return {"cross_entropy": loss, "total": loss}

    def _any_parameter(self) -> Tensor:
        return self.head.weight  # nearer at hand than the first

    def _to_logits(self, inputs: Tensor) -> Named:
        found = perceptron.encoded(self.encoder, self.activation, self.coding_activation, inputs)
        return {**found, "logits": self.head(found["coding"])}
