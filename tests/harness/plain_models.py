"""Models as a student of the course writes them: a function that returns layers in a row, and nothing else."""

from __future__ import annotations

import types
from typing import Any

import pytest

from conformance.cases.case import Case, cases
from conformance.diagnosis.diagnosis import diagnose
from conformance.judging.expectation import expect
from conformance.judging.plain_model_allowances import able_first
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import Prepared, allowance_of, judge
from conformance.respondent import frameworks
from conformance.respondent.responses import ProtocolError, Unsupported
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target
from reference.specification import Spec, catalogue

TORCH = """
import torch
from torch import nn

KINDS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "linear": nn.Identity}

def row(widths, inner, last):
    layers = []
    for position, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        layers += [nn.Linear(fan_in, fan_out), KINDS[last if position == len(widths) - 2 else inner]()]
    return layers

def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid"):
    return nn.Sequential(*row([*sizes, *sizes[-2::-1]], activation, output_activation))

def build_linear_autoencoder(features, codings):
    return nn.Sequential(nn.Linear(features, codings), nn.Linear(codings, features))

def build_pretrained_classifier(encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu"):
    below = nn.Sequential(*row(encoder, activation, activation))
    below.requires_grad_(trainable_encoder)
    return nn.Sequential(below, nn.Linear(encoder[-1], classes), nn.Softmax(dim=1))

class CharModel(nn.Module):
    def __init__(self, count, width, units, cell, kernel_size):
        super().__init__()
        self.embedding, self.kind, self.units = nn.Embedding(count, width), cell, units
        if cell == "cnn":
            self.cell = nn.Conv1d(width, units, kernel_size, padding="same")
        else:
            layer = nn.RNN if cell == "rnn" else nn.LSTM
            self.cell = layer(width, units, batch_first=True, bidirectional=cell == "bidirectional")
        self.head = nn.Linear(2 * units if cell == "bidirectional" else units, 1)

    def forward(self, ids):
        x = self.embedding(ids)
        if self.kind == "cnn":
            summary = torch.relu(self.cell(x.transpose(1, 2))).max(dim=2).values
        else:
            states, _ = self.cell(x)
            summary = states[:, -1]
            if self.kind == "bidirectional":
                summary = torch.cat([states[:, -1, : self.units], states[:, 0, self.units :]], dim=1)
        return torch.sigmoid(self.head(summary))

def build_char_classifier(vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3):
    return CharModel(vocabulary_size, embedding, units, cell, kernel_size)
"""

KERAS = """
import keras
from keras import layers

def row(widths, inner, last):
    return [layers.Dense(w, activation=last if i == len(widths) - 1 else inner) for i, w in enumerate(widths)]

def build_stacked_autoencoder(sizes=(784, 100, 30), activation="relu", output_activation="sigmoid", **options):
    return keras.Sequential(row([*sizes[1:], *sizes[-2::-1]], activation, output_activation))

def build_linear_autoencoder(features, codings, **options):
    return keras.Sequential([keras.Input((features,)), layers.Dense(codings), layers.Dense(features)])

class Sparsity(layers.Layer):
    def __init__(self, penalty, weight, target):
        super().__init__()
        usual = {"l1": 1e-3, "kl": 0.05}[penalty]
        self.penalty, self.weight, self.target = penalty, usual if weight is None else weight, target

    def call(self, codings):
        ops = keras.ops
        if self.penalty == "l1":
            self.add_loss(self.weight * ops.sum(ops.abs(codings)) / ops.shape(codings)[0])
        else:
            mean = ops.clip(ops.mean(codings, axis=0), 1e-7, 1 - 1e-7)
            p = self.target
            self.add_loss(self.weight * ops.sum(p * ops.log(p / mean) + (1 - p) * ops.log((1 - p) / (1 - mean))))
        return codings

def build_sparse_autoencoder(sizes, penalty, weight, target, activation, output_activation, **options):
    down = row(sizes[1:], activation, "sigmoid")
    return keras.Sequential([*down, Sparsity(penalty, weight, target), *row(sizes[-2::-1], activation, output_activation)])

def build_pretrained_classifier(encoder=(784, 100, 30), classes=10, trainable_encoder=False, activation="relu", **options):
    below = keras.Sequential(row(encoder[1:], activation, activation))
    below.trainable = trainable_encoder
    return keras.Sequential([below, layers.Dense(classes, activation="softmax")])

def build_char_classifier(vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3, **options):
    made = {
        "lstm": lambda: [layers.LSTM(units)],
        "rnn": lambda: [layers.SimpleRNN(units)],
        "bidirectional": lambda: [layers.Bidirectional(layers.LSTM(units))],
        "cnn": lambda: [layers.Conv1D(units, kernel_size, padding="same", activation="relu"), layers.GlobalMaxPooling1D()],
    }[cell]()
    return keras.Sequential([layers.Embedding(vocabulary_size, embedding), *made, layers.Dense(1, activation="sigmoid")])
"""

SOURCES = {"torch": TORCH, "tensorflow": KERAS}
_PREPARED: dict[tuple[str, str, int, bool], list[Prepared]] = {}


def changed(source: str, old: str, new: str) -> str:
    """The source with one place changed, which has to be there."""
    assert source.count(old) == 1, old
    return source.replace(old, new)


def seated(framework: str, source: str | dict[str, Any], dtype: str = "float32", mode: str = "eager") -> LocalSubject:
    """The text, or the names, as a target in this process."""
    if (reason := frameworks.missing_framework(framework)) is not None:
        pytest.skip(f"not run: {reason}")
    adapter, module = frameworks.load(framework), types.ModuleType("submission")
    exec(source, vars(module)) if isinstance(source, str) else vars(module).update(source)
    return LocalSubject(Target("submission.py", framework, "cpu", dtype, mode), module, adapter)


def some_cases(subject: LocalSubject, spec: Spec, count: int, seed: int = 1) -> list[Case]:
    """Real and drawn cases that the subject can be asked."""
    return list(able_first(allowance_of(subject, spec), cases(spec, subject.target.dtype, seed, 10 * count), count))


def prepared_cases(subject: LocalSubject, name: str, count: int) -> list[Prepared]:
    """Those cases with what is right, made once for all subjects that are asked the same."""
    asked = name, subject.target.dtype, count, subject.builds(name)
    if asked not in _PREPARED:
        spec = catalogue()[name]
        _PREPARED[asked] = [(case, expect(spec, case)) for case in some_cases(subject, spec, count)]
    return _PREPARED[asked]


def verdicts(subject: LocalSubject, name: str, count: int) -> list[Verdict]:
    prepared = prepared_cases(subject, name, count)
    return list(judge(subject, catalogue()[name], prepared, 60.0, diagnose=diagnose, shrinking="first"))


def drawn(name: str, dtype: str = "float32", **options: object) -> Case:
    """The first drawn case with these options."""
    spec = catalogue()[name]
    drawn_cases = (case for case in cases(spec, dtype, 0, 100) if "real" not in case.flags)
    return next(case for case in drawn_cases if case.inputs["configuration"].items() >= options.items())


def sentence(framework: str, source: str | dict[str, Any], case: Case, quantity: str = "activations") -> str:
    """What is said of an answer that is none."""
    subject = seated(framework, source)
    response = exercise(subject, catalogue()[case.spec], case, 30.0)[quantity]  # pyright: ignore[reportArgumentType]
    assert isinstance(response, (ProtocolError, Unsupported)), response
    return response.sentence
