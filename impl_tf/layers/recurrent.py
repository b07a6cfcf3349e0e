"""Recurrent layers over (B, T, E), all states (B, T, H).

The layers of Keras hold the variables; the steps are taken here, in the dtype of the input. Padded steps are steps like all others:
nothing is masked. Calling the layer would run a tf.while_loop, which eagerly takes three times as long; and whose memory cannot leave
a function compiled with XLA, so that its gradient could not be taken outside. Here short sequences are unrolled, and long ones in a
graph are scanned, with the gradient written by hand. cuDNN, which XLA cannot compile, is left out.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# As a graph 20 steps run a quarter faster unrolled than in Keras' loop; XLA needs half a second a step to compile them.
LONGEST_UNROLLED = 20


def lstm(inputs: int, units: int, seeds: tuple[int, int], name: str, dtype: Any) -> keras.layers.LSTM:
    """An LSTM, built at once; gates in the order i, f, g, o (Keras calls g c); Glorot uniform, zero biases, forget bias 1."""
    layer = keras.layers.LSTM(units, return_sequences=True, use_cudnn=False, name=name, dtype=dtype, **_initial(seeds))
    layer.build((None, None, inputs))
    return layer


def simple_rnn(inputs: int, units: int, seeds: tuple[int, int], name: str, dtype: Any) -> keras.layers.SimpleRNN:
    """h_t = tanh(x_t W + h_{t−1} U + b), built at once; Glorot uniform, zero bias."""
    layer = keras.layers.SimpleRNN(units, return_sequences=True, name=name, dtype=dtype, **_initial(seeds))
    layer.build((None, None, inputs))
    return layer


def lstm_states(layer: keras.layers.LSTM, x: tf.Tensor) -> tf.Tensor:
    """i, f, o = σ(·), g = tanh(·) of x_t W + h_{t−1} U + b;  c_t = f c_{t−1} + i g;  h_t = o tanh(c_t)."""
    from_inputs, recurrent_kernel, h = _prepared(layer.cell, x)
    if not _unrolled(x):
        return tf.transpose(_lstm_scan(from_inputs, recurrent_kernel, h), (1, 0, 2))
    c, states = h, []
    for z in tf.unstack(from_inputs):
        h, c, _ = _lstm_step(z, recurrent_kernel, h, c)
        states.append(h)
    return tf.stack(states, axis=1)


def simple_rnn_states(layer: keras.layers.SimpleRNN, x: tf.Tensor) -> tf.Tensor:
    """h_t = tanh(x_t W + h_{t−1} U + b)."""
    from_inputs, recurrent_kernel, h = _prepared(layer.cell, x)
    if not _unrolled(x):
        return tf.transpose(_simple_rnn_scan(from_inputs, recurrent_kernel, h), (1, 0, 2))
    states = []
    for z in tf.unstack(from_inputs):
        h = tf.tanh(z + tf.matmul(h, recurrent_kernel))
        states.append(h)
    return tf.stack(states, axis=1)


def _lstm_step(z: tf.Tensor, recurrent_kernel: tf.Tensor, h: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """h, c and the gates before their activations, from x_t W + b and the step before."""
    z += tf.matmul(h, recurrent_kernel)
    i, f, g, o = tf.split(z, 4, axis=1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c, z


@tf.custom_gradient
def _lstm_scan(from_inputs: tf.Tensor, recurrent_kernel: tf.Tensor, h: tf.Tensor) -> Any:
    """All states (T, B, H) from x_t W + b (T, B, 4H), U and the state before the first step, which is zero."""
    first = (h, h, tf.zeros_like(from_inputs[0]))
    states, cells, gates = tf.scan(lambda before, z: _lstm_step(z, recurrent_kernel, *before[:2]), from_inputs, first)

    def gradient(states_bar: tf.Tensor) -> Any:
        """h̄ reaches c̄ through o tanh(c), and c̄ reaches the step before through f."""
        # All slopes of all steps at once; what is left for the scan is short.
        i, f, g, o = tf.split(gates, 4, axis=2)
        i, f, g, o, squashed = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o), tf.tanh(cells)
        of_gates = [i * (1.0 - i) * g, f * (1.0 - f) * _before(cells, h), i * (1.0 - g * g), o * (1.0 - o) * squashed]

        def back(later: Any, now: Any) -> Any:
            z_bar, c_bar = later
            h_bar, slopes, of_cell, forget = now
            h_bar += tf.matmul(z_bar, recurrent_kernel, transpose_b=True)
            c_bar += h_bar * of_cell
            return tf.concat([c_bar, c_bar, c_bar, h_bar], axis=1) * slopes, c_bar * forget

        slopes = (states_bar, tf.concat(of_gates, axis=2), o * (1.0 - squashed * squashed), f)
        z_bar, _ = tf.scan(back, slopes, (tf.zeros_like(from_inputs[0]), tf.zeros_like(h)), reverse=True)
        return z_bar, _kernel_bar(_before(states, h), z_bar), tf.zeros_like(h)

    return states, gradient


@tf.custom_gradient
def _simple_rnn_scan(from_inputs: tf.Tensor, recurrent_kernel: tf.Tensor, h: tf.Tensor) -> Any:
    """All states (T, B, H) from x_t W + b (T, B, H), U and the state before the first step, which is zero."""
    states = tf.scan(lambda before, z: tf.tanh(z + tf.matmul(before, recurrent_kernel)), from_inputs, h)

    def gradient(states_bar: tf.Tensor) -> Any:
        """z̄_t = (h̄_t + z̄_{t+1} Uᵀ) (1 − h_t²)."""

        def back(z_bar: tf.Tensor, now: Any) -> tf.Tensor:
            h_bar, slope = now
            return (h_bar + tf.matmul(z_bar, recurrent_kernel, transpose_b=True)) * slope

        z_bar = tf.scan(back, (states_bar, 1.0 - states * states), tf.zeros_like(h), reverse=True)
        return z_bar, _kernel_bar(_before(states, h), z_bar), tf.zeros_like(h)

    return states, gradient


def _before(steps: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
    """What stood one step earlier, (T, B, H)."""
    return tf.concat([first[None], steps[:-1]], axis=0)


def _kernel_bar(states_before: tf.Tensor, z_bar: tf.Tensor) -> tf.Tensor:
    """Σ_t h_{t−1}ᵀ z̄_t, of all steps at once."""
    flat = (tf.reshape(steps, (-1, steps.shape[2])) for steps in (states_before, z_bar))
    return tf.matmul(*flat, transpose_a=True)


def _initial(seeds: tuple[int, int]) -> dict[str, Any]:
    # Keras' own default of the recurrent matrix is orthogonal.
    of_inputs, of_states = (keras.initializers.GlorotUniform(seed=seed) for seed in seeds)
    return {"kernel_initializer": of_inputs, "recurrent_initializer": of_states}


def _unrolled(x: tf.Tensor) -> bool:
    steps = x.shape[1]
    return tf.executing_eagerly() or (steps is not None and steps <= LONGEST_UNROLLED)


def _prepared(cell: Any, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """x_t W + b of every step, made at once, (T, B, ·); U; and the state before the first step, zero."""
    kernel, recurrent_kernel, bias = (tf.cast(v, x.dtype) for v in (cell.kernel, cell.recurrent_kernel, cell.bias))
    by_time, extents = tf.transpose(x, (1, 0, 2)), tf.shape(x)
    flat = tf.matmul(tf.reshape(by_time, (-1, kernel.shape[0])), kernel) + bias
    from_inputs = tf.reshape(flat, (x.shape[1] or extents[1], x.shape[0] or extents[0], kernel.shape[1]))
    return from_inputs, recurrent_kernel, tf.zeros((x.shape[0] or extents[0], recurrent_kernel.shape[0]), x.dtype)
