"""Dense layers in a row: the encoders and decoders of all autoencoders, with names for what they put out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from impl_torch.layers.activations import ACTIVATIONS
from impl_torch.layers.dense import dense

Layers = Iterable[Callable[[Tensor], Tensor]]


def dense_layers(
    sizes: Sequence[int], generator: torch.Generator, dtype: torch.dtype | None, device: torch.device | str | None
) -> nn.ModuleList:
    """A dense layer from every width to the next."""
    return nn.ModuleList(dense(*widths, generator, dtype, device) for widths in pairwise(sizes))


def encoded(layers: Layers, inner: str, last: str, x: Tensor, last_name: str = "coding") -> dict[str, Tensor]:
    """encoder.0, …, and the last output under its own name; `inner` and `last` are the activations."""
    outputs, _ = forward(layers, inner, last, x)
    names = [*(f"encoder.{i}" for i in range(len(outputs) - 1)), last_name]
    return dict(zip(names, outputs, strict=True))


def decoded(layers: Layers, inner: str, last: str, x: Tensor) -> dict[str, Tensor]:
    """decoder.0, …, logits, reconstruction; `inner` and `last` are the activations."""
    (*hidden, reconstruction), logits = forward(layers, inner, last, x)
    return {**{f"decoder.{i}": value for i, value in enumerate(hidden)}, "logits": logits, "reconstruction": reconstruction}


def forward(layers: Layers, inner: str, last: str, x: Tensor) -> tuple[list[Tensor], Tensor]:
    """The output of every layer, and the last layer's z before its activation."""
    *below, top = layers
    outputs = []
    for layer in below:
        x = ACTIVATIONS[inner](layer(x))
        outputs.append(x)
    z = top(x)
    return [*outputs, ACTIVATIONS[last](z)], z
