"""A multilayer perceptron: dense layers in a row, forward and backward by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from reference.layers.activations import ACTIVATIONS
from reference.layers.dense import dense, dense_vjp, glorot_uniform
from reference.specification import Array

Named = dict[str, Array]


@dataclass(frozen=True)
class DenseLayer:
    """One layer: `name` is the prefix of its parameters, `output` the name of its activation."""

    name: str
    fan_in: int
    fan_out: int
    activation: str
    output: str

    @property
    def weight(self) -> str:
        return f"{self.name}.weight"

    @property
    def bias(self) -> str:
        return f"{self.name}.bias"


def parameter_shapes(layers: Sequence[DenseLayer]) -> dict[str, tuple[int, ...]]:
    """Canonical parameter names and shapes, in order; weights are (in, out)."""
    return {
        name: shape
        for layer in layers
        for name, shape in ((layer.weight, (layer.fan_in, layer.fan_out)), (layer.bias, (layer.fan_out,)))
    }


def initial_weights(layers: Sequence[DenseLayer], rng: np.random.Generator) -> Named:
    """Glorot uniform weights, zero biases."""
    return {
        name: value
        for layer in layers
        for name, value in (
            (layer.weight, glorot_uniform(rng, layer.fan_in, layer.fan_out)),
            (layer.bias, np.zeros(layer.fan_out)),
        )
    }


def forward(layers: Sequence[DenseLayer], weights: Mapping[str, Array], x: Array) -> tuple[Named, Array]:
    """The output of every layer by name, and the last layer's z before its activation."""
    outputs: Named = {}
    z = x
    for layer in layers:
        z = dense(x, weights[layer.weight], weights[layer.bias])
        outputs[layer.output] = x = ACTIVATIONS[layer.activation].apply(z)
    return outputs, z


def backward(
    layers: Sequence[DenseLayer],
    weights: Mapping[str, Array],
    x: Array,
    outputs: Mapping[str, Array],
    z_cotangent: Array,
    inner: Mapping[str, Array] = MappingProxyType({}),
) -> tuple[Named, Array]:
    """Cotangents of every parameter and of x, given the cotangent of the last layer's z.

    `inner` are cotangents that reach outputs of earlier layers from elsewhere, such as a penalty on the coding.
    """
    gradients: Named = {}
    for position in range(len(layers) - 1, -1, -1):
        layer = layers[position]
        previous = outputs[layers[position - 1].output] if position else x
        below, gradients[layer.weight], gradients[layer.bias] = dense_vjp(z_cotangent, previous, weights[layer.weight])
        if position:
            before = layers[position - 1]
            z_cotangent = (below + inner.get(before.output, 0.0)) * ACTIVATIONS[before.activation].slope(previous)
        else:
            x = below
    return gradients, x
