"""Where several steps hold the largest value, the gradient of the maximum over time belongs to the first of them alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lazily import Lazily

tf, torch = Lazily("tensorflow"), Lazily("torch")
of_tf, of_torch = Lazily("impl_tf.layers.convolution"), Lazily("impl_torch.layers.convolution")

# (B, T, F): a tie of the last two steps, a tie of the first two, and no tie.
X = np.array([[[1.0, 2.0, 0.0], [3.0, 2.0, 5.0], [3.0, 1.0, 4.0]]])
COTANGENT = np.array([[7.0, 8.0, 9.0]])
GRADIENT = np.array([[[0.0, 8.0, 0.0], [7.0, 0.0, 9.0], [0.0, 0.0, 0.0]]])


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
def test_the_first_of_equals_in_tensorflow(mode: str) -> None:
    """Eagerly, in a graph, and compiled with XLA."""
    pool = of_tf.global_max_pooling
    function = pool if mode == "eager" else tf.function(pool, jit_compile=mode == "xla")
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    assert np.array_equal(value, X.max(axis=1))
    assert np.array_equal(tape.gradient(value, x, output_gradients=tf.constant(COTANGENT)), GRADIENT)


def test_the_first_of_equals_in_pytorch() -> None:
    """There the layer has (B, F, T)."""
    x = torch.tensor(X).transpose(1, 2).requires_grad_()
    value = of_torch.global_max_pooling(x)
    (gradient,) = torch.autograd.grad(value, x, torch.tensor(COTANGENT))
    assert np.array_equal(value.detach(), X.max(axis=1))
    assert np.array_equal(gradient.transpose(1, 2), GRADIENT)
