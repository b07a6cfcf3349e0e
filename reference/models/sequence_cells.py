"""The networks over characters that a classifier can be built on: from (B, T, E) to all states and one summary a sequence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from reference.layers.activations import ACTIVATIONS
from reference.layers.convolution import conv1d, conv1d_vjp, global_max_pooling, global_max_pooling_vjp
from reference.layers.recurrent import lstm, lstm_vjp, simple_rnn, simple_rnn_vjp
from reference.specification import Array

Named = dict[str, Array]
Weights = Mapping[str, Array]


class Cell(ABC):
    """A network over time with its own parameters, canonical names and shapes."""

    features: int
    shapes: dict[str, tuple[int, ...]]

    @abstractmethod
    def initial(self, rng: np.random.Generator) -> Named:
        """Initial weights."""

    @abstractmethod
    def forward(self, weights: Weights, x: Array) -> tuple[Array, Array]:
        """All states (B, T, features), and the summary (B, features)."""

    @abstractmethod
    def backward(self, weights: Weights, x: Array, summary_bar: Array) -> tuple[Array, Named]:
        """Cotangents of x and of the parameters."""


def _uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Glorot uniform; a kernel (K, E, F) counts K times on both sides."""
    field = int(np.prod(shape[:-2]))
    limit = np.sqrt(6.0 / (field * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, size=shape)


def _recurrent_shapes(prefix: str, inputs: int, units: int, gates: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{prefix}.input_weight": (inputs, gates * units),
        f"{prefix}.recurrent_weight": (units, gates * units),
        f"{prefix}.bias": (gates * units,),
    }


def _at(time: int, cotangent: Array, like: Array) -> Array:
    """A cotangent of one step as a cotangent of all steps."""
    steps = np.zeros_like(like)
    steps[:, time] = cotangent
    return steps


class SimpleRnn(Cell):
    """The last state of h_t = tanh(x_t W + h_{t−1} U + b)."""

    def __init__(self, inputs: int, units: int, kernel_size: int) -> None:
        self.features, self.shapes = units, _recurrent_shapes("rnn", inputs, units, 1)

    def initial(self, rng: np.random.Generator) -> Named:
        return {n: _uniform(rng, s) if len(s) > 1 else np.zeros(s) for n, s in self.shapes.items()}

    def forward(self, weights: Weights, x: Array) -> tuple[Array, Array]:
        states = simple_rnn(x, *(weights[name] for name in self.shapes))
        return states, states[:, -1]

    def backward(self, weights: Weights, x: Array, summary_bar: Array) -> tuple[Array, Named]:
        states, _ = self.forward(weights, x)
        input_weight, recurrent_weight, _ = (weights[name] for name in self.shapes)
        x_bar, *gradients = simple_rnn_vjp(_at(-1, summary_bar, states), x, input_weight, recurrent_weight, states)
        return x_bar, dict(zip(self.shapes, gradients, strict=True))


class Lstm(Cell):
    """The last state of an LSTM."""

    def __init__(self, inputs: int, units: int, kernel_size: int, prefix: str = "lstm") -> None:
        self.features, self.shapes = units, _recurrent_shapes(prefix, inputs, units, 4)

    def initial(self, rng: np.random.Generator) -> Named:
        weights = {n: _uniform(rng, s) if len(s) > 1 else np.zeros(s) for n, s in self.shapes.items()}
        bias = next(name for name in self.shapes if name.endswith("bias"))
        weights[bias][self.features : 2 * self.features] = 1.0  # the forget gate starts open
        return weights

    def forward(self, weights: Weights, x: Array) -> tuple[Array, Array]:
        states = lstm(x, *(weights[name] for name in self.shapes)).states
        return states, states[:, -1]

    def backward(self, weights: Weights, x: Array, summary_bar: Array) -> tuple[Array, Named]:
        trace = lstm(x, *(weights[name] for name in self.shapes))
        input_weight, recurrent_weight, _ = (weights[name] for name in self.shapes)
        x_bar, *gradients = lstm_vjp(_at(-1, summary_bar, trace.states), x, input_weight, recurrent_weight, trace)
        return x_bar, dict(zip(self.shapes, gradients, strict=True))


class Bidirectional(Cell):
    """Two LSTMs, one over the reversed sequence. States side by side in the order of time; the summary is the last state of each."""

    def __init__(self, inputs: int, units: int, kernel_size: int) -> None:
        self.ahead = Lstm(inputs, units, kernel_size, "forward")
        self.back = Lstm(inputs, units, kernel_size, "backward")
        self.features, self.shapes = 2 * units, {**self.ahead.shapes, **self.back.shapes}

    def initial(self, rng: np.random.Generator) -> Named:
        return {**self.ahead.initial(rng), **self.back.initial(rng)}

    def forward(self, weights: Weights, x: Array) -> tuple[Array, Array]:
        ahead, last = self.ahead.forward(weights, x)
        back, first = self.back.forward(weights, x[:, ::-1])
        return np.concatenate([ahead, back[:, ::-1]], axis=2), np.concatenate([last, first], axis=1)

    def backward(self, weights: Weights, x: Array, summary_bar: Array) -> tuple[Array, Named]:
        last_bar, first_bar = np.split(summary_bar, 2, axis=1)
        ahead_bar, gradients = self.ahead.backward(weights, x, last_bar)
        back_bar, more = self.back.backward(weights, x[:, ::-1], first_bar)
        return ahead_bar + back_bar[:, ::-1], {**gradients, **more}


class Convolution(Cell):
    """The maximum over time of relu(Conv1D)."""

    def __init__(self, inputs: int, units: int, kernel_size: int) -> None:
        self.features = units
        self.shapes = {"convolution.weight": (kernel_size, inputs, units), "convolution.bias": (units,)}

    def initial(self, rng: np.random.Generator) -> Named:
        return {n: _uniform(rng, s) if len(s) > 1 else np.zeros(s) for n, s in self.shapes.items()}

    def forward(self, weights: Weights, x: Array) -> tuple[Array, Array]:
        states = ACTIVATIONS["relu"].apply(conv1d(x, *(weights[name] for name in self.shapes)))
        return states, global_max_pooling(states)

    def backward(self, weights: Weights, x: Array, summary_bar: Array) -> tuple[Array, Named]:
        states, _ = self.forward(weights, x)
        z_bar = global_max_pooling_vjp(summary_bar, states) * ACTIVATIONS["relu"].slope(states)
        x_bar, *gradients = conv1d_vjp(z_bar, x, weights["convolution.weight"])
        return x_bar, dict(zip(self.shapes, gradients, strict=True))


CELLS: Mapping[str, Callable[[int, int, int], Cell]] = MappingProxyType(
    {"lstm": Lstm, "rnn": SimpleRnn, "bidirectional": Bidirectional, "cnn": Convolution}
)
