"""Models in PyTorch as one writes them who knows nothing of a contract: a function that returns layers, or a module of one's own."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import nn

from tests.right_forms.form import form

_KINDS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "linear": nn.Identity}


def _row(widths, inner, last):
    for position, pair in enumerate(itertools.pairwise(widths)):
        yield nn.Linear(*pair)
        yield _KINDS[last if position == len(widths) - 2 else inner]()


@form("LinearAutoencoder", "torch", name="sequential")
def build_linear_autoencoder(features, codings):
    return nn.Sequential(nn.Linear(features, codings), nn.Linear(codings, features))


class _Halves(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x):
        return self.decoder(self.encoder(x))


@form("LinearAutoencoder", "torch", name="two_halves")
def build_linear_autoencoder(features, codings):  # noqa: F811
    return _Halves(nn.Linear(features, codings), nn.Linear(codings, features))


class _Matrices(nn.Module):
    """Of parameters alone."""

    def __init__(self, features, codings):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.randn(features, codings)), nn.Parameter(torch.zeros(codings))
        self.v, self.c = nn.Parameter(torch.randn(codings, features)), nn.Parameter(torch.zeros(features))

    def forward(self, x):
        return (x @ self.w + self.b) @ self.v + self.c


@form("LinearAutoencoder", "torch", name="functional")
def build_linear_autoencoder(features, codings):  # noqa: F811
    return _Matrices(features, codings)


@form("StackedAutoencoder", "torch", name="sequential")
def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):
    return nn.Sequential(*_row([*sizes, *sizes[-2::-1]], activation, output_activation))


@form("StackedAutoencoder", "torch", name="two_halves")
def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):  # noqa: F811
    return _Halves(
        nn.Sequential(*_row(sizes, activation, activation)), nn.Sequential(*_row(sizes[::-1], activation, output_activation))
    )


class _Listed(nn.Module):
    def __init__(self, widths, inner, last):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in itertools.pairwise(widths))
        self.inner, self.last = inner, last

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = getattr(torch, self.inner)(layer(x))
        x = self.layers[-1](x)
        return torch.sigmoid(x) if self.last == "sigmoid" else x


@form("StackedAutoencoder", "torch", name="module_list")
def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):  # noqa: F811
    return _Listed([*sizes, *sizes[-2::-1]], activation, output_activation)


@form("PretrainedClassifier", "torch", name="sequential")
def build_pretrained_classifier(encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu"):
    below = nn.Sequential(*_row(encoder, activation, activation))
    below.requires_grad_(trainable_encoder)
    return nn.Sequential(below, nn.Linear(encoder[-1], classes), nn.Softmax(dim=1))


class _Classifier(nn.Module):
    def __init__(self, body, head, frozen):
        super().__init__()
        self.body, self.head = body, head
        for parameter in self.body.parameters():
            parameter.requires_grad = not frozen

    def forward(self, x):
        return F.softmax(self.head(self.body(x)), dim=-1)


@form("PretrainedClassifier", "torch", name="subclass")
def build_pretrained_classifier(encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu"):  # noqa: F811
    return _Classifier(
        nn.Sequential(*_row(encoder, activation, activation)), nn.Linear(encoder[-1], classes), not trainable_encoder
    )


class _Characters(nn.Module):
    """The library's recurrent and convolution layers; the last hidden state is what the recurrent ones return beside their outputs."""

    def __init__(self, count, width, units, cell, kernel_size, batch_first):
        super().__init__()
        self.embedding, self.cell, self.batch_first = nn.Embedding(count, width), cell, batch_first
        if cell == "cnn":
            self.layer = nn.Conv1d(width, units, kernel_size, padding="same")
        else:
            kind = nn.RNN if cell == "rnn" else nn.LSTM
            self.layer = kind(width, units, batch_first=batch_first, bidirectional=cell == "bidirectional")
        self.head = nn.Linear(units * (1 + (cell == "bidirectional")), 1)

    def forward(self, ids):
        x = self.embedding(ids)
        if self.cell == "cnn":
            return torch.sigmoid(self.head(F.relu(self.layer(x.permute(0, 2, 1))).amax(2)))
        _, state = self.layer(x if self.batch_first else x.transpose(0, 1))
        hidden = state if self.cell == "rnn" else state[0]
        return torch.sigmoid(self.head(torch.cat(list(hidden), dim=1)))


@form("CharClassifier", "torch", name="batch_first")
def build_char_classifier(vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3):
    return _Characters(vocabulary_size, embedding, units, cell, kernel_size, True)


@form("CharClassifier", "torch", name="time_first")
def build_char_classifier(vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3):  # noqa: F811
    return _Characters(vocabulary_size, embedding, units, cell, kernel_size, False)
