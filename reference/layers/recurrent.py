"""Recurrent layers over (B, T, E), forward and back-propagation through time.

Gates stand in the order i, f, g, o, side by side in the columns of the weights: input weight (E, 4H), recurrent weight (H, 4H), one bias
(4H,). Padded steps are steps like all others; nothing is masked. The state before the first step is zero.

Source: lecture notes 004; Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reference.layers.activations import sigmoid, tanh
from reference.specification import Array


class RecurrentGradients(NamedTuple):
    """Cotangents of the layer's input and of its three parameters."""

    x: Array
    input_weight: Array
    recurrent_weight: Array
    bias: Array


def simple_rnn(x: Array, input_weight: Array, recurrent_weight: Array, bias: Array) -> Array:
    """h_t = tanh(x_t W + h_{t−1} U + b); all states, (B, T, H)."""
    h = np.zeros((x.shape[0], recurrent_weight.shape[0]), dtype=np.result_type(x, input_weight))
    states = []
    for t in range(x.shape[1]):
        h = tanh(x[:, t] @ input_weight + h @ recurrent_weight + bias)
        states.append(h)
    return np.stack(states, axis=1)


def simple_rnn_vjp(cotangent: Array, x: Array, input_weight: Array, recurrent_weight: Array, states: Array) -> RecurrentGradients:
    """Backwards in time: z̄_t = (h̄_t + z̄_{t+1} Uᵀ) (1 − h_t²)."""
    x_bar = np.zeros_like(x)
    w_bar, u_bar = np.zeros_like(input_weight), np.zeros_like(recurrent_weight)
    b_bar, from_later = np.zeros(len(recurrent_weight)), np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        z_bar = (cotangent[:, t] + from_later) * (1 - states[:, t] ** 2)
        w_bar += x[:, t].T @ z_bar
        u_bar += _before(states, t).T @ z_bar
        b_bar = b_bar + z_bar.sum(axis=0)
        x_bar[:, t] = z_bar @ input_weight.T
        from_later = z_bar @ recurrent_weight.T
    return RecurrentGradients(x_bar, w_bar, u_bar, b_bar)


class LstmTrace(NamedTuple):
    """What the backward pass needs: gates (B, T, 4H) after their activations, cells and states (B, T, H)."""

    gates: Array
    cells: Array
    states: Array


def lstm(x: Array, input_weight: Array, recurrent_weight: Array, bias: Array) -> LstmTrace:
    """i, f, o = σ(·), g = tanh(·) of x_t W + h_{t−1} U + b;  c_t = f c_{t−1} + i g;  h_t = o tanh(c_t)."""
    units = len(recurrent_weight)
    h = c = np.zeros((x.shape[0], units), dtype=np.result_type(x, input_weight))
    gates, cells, states = [], [], []
    for t in range(x.shape[1]):
        z = x[:, t] @ input_weight + h @ recurrent_weight + bias
        i, f, o = (sigmoid(z[:, k * units : (k + 1) * units]) for k in (0, 1, 3))
        g = tanh(z[:, 2 * units : 3 * units])
        c = f * c + i * g
        h = o * tanh(c)
        gates.append(np.concatenate([i, f, g, o], axis=1))
        cells.append(c)
        states.append(h)
    return LstmTrace(*(np.stack(steps, axis=1) for steps in (gates, cells, states)))


def lstm_vjp(cotangent: Array, x: Array, input_weight: Array, recurrent_weight: Array, trace: LstmTrace) -> RecurrentGradients:
    """Backwards in time: h̄ reaches c̄ through o tanh(c), and c̄ reaches the step before through f."""
    x_bar = np.zeros_like(x)
    w_bar, u_bar = np.zeros_like(input_weight), np.zeros_like(recurrent_weight)
    b_bar, units = np.zeros(input_weight.shape[1]), len(recurrent_weight)
    h_bar = c_bar = np.zeros_like(trace.states[:, 0])
    for t in reversed(range(x.shape[1])):
        i, f, g, o = (trace.gates[:, t][:, k * units : (k + 1) * units] for k in range(4))
        squashed = tanh(trace.cells[:, t])
        h_bar = h_bar + cotangent[:, t]
        c_bar = c_bar + h_bar * o * (1 - squashed**2)
        z_bar = np.concatenate(
            [
                c_bar * g * i * (1 - i),
                c_bar * _before(trace.cells, t) * f * (1 - f),
                c_bar * i * (1 - g**2),
                h_bar * squashed * o * (1 - o),
            ],
            axis=1,
        )
        w_bar += x[:, t].T @ z_bar
        u_bar += _before(trace.states, t).T @ z_bar
        b_bar = b_bar + z_bar.sum(axis=0)
        x_bar[:, t] = z_bar @ input_weight.T
        h_bar, c_bar = z_bar @ recurrent_weight.T, c_bar * f
    return RecurrentGradients(x_bar, w_bar, u_bar, b_bar)


def _before(steps: Array, t: int) -> Array:
    """The step before t; zero before the first."""
    return steps[:, t - 1] if t else np.zeros_like(steps[:, 0])
