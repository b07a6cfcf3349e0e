"""Which specifications share a layer, a loss or a training loop, the simplest first: a fault in it touches them all."""

from __future__ import annotations

PLAIN_AUTOENCODERS = ("LinearAutoencoder", "StackedAutoencoder", "SparseAutoencoder", "ContractiveAutoencoder")
AUTOENCODERS = ("StackedAutoencoder", "SparseAutoencoder", "DenoisingAutoencoder", "ContractiveAutoencoder", "LinearAutoencoder")
DENSE_MODELS = (*AUTOENCODERS, "VariationalAutoencoder", "PretrainedClassifier")
CHARACTER_MODELS = ("CharClassifier", "HybridClassifier")
MODELS = (*DENSE_MODELS, *CHARACTER_MODELS)

# Said honestly of a mistake for which no thread is at hand.
UNSEEN = "no thread is known; an easy slip"
