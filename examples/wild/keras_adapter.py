"""The Keras layer under the names of the contract: what it adds to the losses is the value."""

from __future__ import annotations

import keras
from keras_layer import KLSparsity


def kl_sparsity_loss(activations, target=0.1, weight=1.0):
    layer = KLSparsity(rho=target, beta=weight, dtype=keras.backend.standardize_dtype(activations.dtype))
    layer(activations)
    return layer.losses[0]
