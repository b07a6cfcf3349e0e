"""A classifier on a pretrained encoder, written to the contract, that trains the encoder although it is to be frozen."""

from itertools import pairwise

import torch
from torch import nn

_ACTIVATIONS = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


class PretrainedClassifier(nn.Module):
    def __init__(self, encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu", seed=0, dtype=None):
        super().__init__()
        torch.manual_seed(seed)
        self.encoder = nn.ModuleList(nn.Linear(i, o, dtype=dtype) for i, o in pairwise(encoder))
        self.head = nn.Linear(encoder[-1], classes, dtype=dtype)
        self.activation, self.optimizer_state = _ACTIVATIONS[activation], {}
        self.trainable_names = tuple(self._named())

    def _named(self):
        layers = {f"encoder.{number}": layer for number, layer in enumerate(self.encoder)} | {"head": self.head}
        return {f"{name}.{kind}": getattr(layer, kind) for name, layer in layers.items() for kind in ("weight", "bias")}

    def import_weights(self, weights):
        with torch.no_grad():
            for name, parameter in self._named().items():
                parameter.copy_(torch.as_tensor(weights[name]).T)

    def export_weights(self):
        return {name: parameter.detach().T.numpy().copy() for name, parameter in self._named().items()}

    def activations(self, inputs, labels=None):
        named, x = {}, inputs
        for number, layer in enumerate(self.encoder):
            x = self.activation(layer(x))
            named["coding" if number == len(self.encoder) - 1 else f"encoder.{number}"] = x
        logits = self.head(x)
        return {**named, "logits": logits, "probabilities": torch.softmax(logits, dim=1)}

    def inference(self, inputs, labels=None):
        return {"probabilities": self.activations(inputs)["probabilities"]}

    def loss_terms(self, inputs, labels):
        loss = nn.functional.cross_entropy(self.activations(inputs)["logits"], labels[:, 0].long())
        return {"cross_entropy": loss, "total": loss}

    def gradients(self, inputs, labels):
        named = self._named()
        result = torch.autograd.grad(self.loss_terms(inputs, labels)["total"], list(named.values()))
        return {name: gradient.T for name, gradient in zip(named, result, strict=True)}
