"""A Keras layer in the style of published sparse autoencoders: it passes its input on and adds its penalty to the model's losses."""

# pyright: reportOperatorIssue=false
from __future__ import annotations

import keras
from keras import ops


class KLSparsity(keras.layers.Layer):
    def __init__(self, rho=0.1, beta=1.0, **kwargs):
        super().__init__(**kwargs)
        self.rho, self.beta = rho, beta

    def call(self, inputs):
        rho_hat = ops.clip(ops.mean(inputs, axis=0), 1e-7, 1 - 1e-7)
        kl = self.rho * ops.log(self.rho / rho_hat) + (1 - self.rho) * ops.log((1 - self.rho) / (1 - rho_hat))
        self.add_loss(self.beta * ops.sum(kl))
        return inputs
