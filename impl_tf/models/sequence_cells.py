"""The networks over characters that a classifier can be built on: from (B, T, E) to all states and one summary a sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import tensorflow as tf

from impl_tf.layers.convolution import conv1d, global_max_pooling
from impl_tf.layers.recurrent import lstm, lstm_states, simple_rnn, simple_rnn_states


class Cell(keras.layers.Layer):
    """A network over time, built at once: called with (B, T, E) it gives all states (B, T, features) and the summary (B, features)."""

    features: int

    def parameter_table(self) -> dict[str, keras.Variable]:
        """Canonical names in order, each with its variable."""
        raise NotImplementedError

    def call(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        raise NotImplementedError


class SimpleRnn(Cell):
    """The last state of h_t = tanh(x_t W + h_{t−1} U + b)."""

    def __init__(self, inputs: int, units: int, kernel_size: int, seeds: Sequence[int], dtype: Any) -> None:
        super().__init__(name="cell", dtype=dtype)
        self.features = units
        self.rnn = simple_rnn(inputs, units, (seeds[0], seeds[1]), "rnn", dtype)
        self.built = True

    def parameter_table(self) -> dict[str, keras.Variable]:
        return _recurrent_parameters("rnn", self.rnn)

    def call(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        states = simple_rnn_states(self.rnn, inputs)
        return states, states[:, -1]


class Lstm(Cell):
    """The last state of an LSTM."""

    def __init__(self, inputs: int, units: int, kernel_size: int, seeds: Sequence[int], dtype: Any) -> None:
        super().__init__(name="cell", dtype=dtype)
        self.features = units
        self.lstm = lstm(inputs, units, (seeds[0], seeds[1]), "lstm", dtype)
        self.built = True

    def parameter_table(self) -> dict[str, keras.Variable]:
        return _recurrent_parameters("lstm", self.lstm)

    def call(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        states = lstm_states(self.lstm, inputs)
        return states, states[:, -1]


class Bidirectional(Cell):
    """Two LSTMs, one over the reversed sequence. States side by side in the order of time; the summary is the last state of each."""

    def __init__(self, inputs: int, units: int, kernel_size: int, seeds: Sequence[int], dtype: Any) -> None:
        super().__init__(name="cell", dtype=dtype)
        self.features = 2 * units
        self.ahead = lstm(inputs, units, (seeds[0], seeds[1]), "forward", dtype)
        self.back = lstm(inputs, units, (seeds[2], seeds[3]), "backward", dtype)
        self.built = True

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {**_recurrent_parameters("forward", self.ahead), **_recurrent_parameters("backward", self.back)}

    def call(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        ahead, back = lstm_states(self.ahead, inputs), lstm_states(self.back, inputs[:, ::-1])
        return tf.concat([ahead, back[:, ::-1]], axis=2), tf.concat([ahead[:, -1], back[:, -1]], axis=1)


class Convolution(Cell):
    """The maximum over time of relu(Conv1D)."""

    def __init__(self, inputs: int, units: int, kernel_size: int, seeds: Sequence[int], dtype: Any) -> None:
        super().__init__(name="cell", dtype=dtype)
        self.features = units
        self.convolution = conv1d(inputs, units, kernel_size, seeds[0], "convolution", dtype)
        self.built = True

    def parameter_table(self) -> dict[str, keras.Variable]:
        return {"convolution.weight": self.convolution.kernel, "convolution.bias": self.convolution.bias}

    def call(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        states = tf.nn.relu(self.convolution(inputs))
        return states, global_max_pooling(states)


def _recurrent_parameters(prefix: str, layer: Any) -> dict[str, keras.Variable]:
    return {
        f"{prefix}.input_weight": layer.cell.kernel,
        f"{prefix}.recurrent_weight": layer.cell.recurrent_kernel,
        f"{prefix}.bias": layer.cell.bias,
    }


CELLS: Mapping[str, Callable[[int, int, int, Sequence[int], Any], Cell]] = MappingProxyType(
    {"lstm": Lstm, "rnn": SimpleRnn, "bidirectional": Bidirectional, "cnn": Convolution}
)
# Seeds that any of them may use.
SEEDS = 4
