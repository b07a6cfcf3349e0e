"""Padding and tokenization, by libraries and by the standard library."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from tests.right_forms.form import form

ONE = ("float64",)  # whole numbers are the same in every dtype


def _cut(row, width, truncating):
    return list(row)[max(0, len(row) - width) :] if truncating == "pre" else list(row)[:width]


def _width(sequences, maxlen):
    return max(map(len, sequences)) if maxlen is None else maxlen


@form("pad_sequences", "numpy", ONE)
def lists(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width, rows = _width(sequences, maxlen), []
    for row in sequences:
        kept = _cut(row, width, truncating)
        filling = [value] * (width - len(kept))
        rows.append(filling + kept if padding == "pre" else kept + filling)
    return rows


@form("pad_sequences", "torch", ONE)
def array_from_a_submission_in_torch(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    return np.array(lists(sequences, maxlen, padding, truncating, value), dtype=np.int32).reshape(len(sequences), -1)


@form("pad_sequences", "torch", ONE)
def pad_sequence_of_torch(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width = _width(sequences, maxlen)
    rows = [torch.tensor(_cut(row, width, truncating), dtype=torch.int32) for row in sequences]
    rows.append(torch.zeros(width, dtype=torch.int32))  # so that all are as wide as asked
    side = "left" if padding == "pre" else "right"
    return pad_sequence(rows, batch_first=True, padding_value=value, padding_side=side)[:-1]


@form("pad_sequences", "torch", ONE)
def functional_pad(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width = _width(sequences, maxlen)
    rows = [torch.tensor(_cut(row, width, truncating), dtype=torch.int32) for row in sequences]
    sides = [(width - len(row), 0) if padding == "pre" else (0, width - len(row)) for row in rows]
    return torch.stack([torch.nn.functional.pad(row, side, value=value) for row, side in zip(rows, sides, strict=True)])


@form("pad_sequences", "numpy", ONE)
def zip_longest(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    width = _width(sequences, maxlen)
    rows = [_cut(row, width, truncating) for row in sequences] + [[value] * width]
    rows = [row[::-1] for row in rows] if padding == "pre" else rows
    columns = list(itertools.zip_longest(*rows, fillvalue=value))
    filled = np.array(columns, dtype=np.int32).reshape(width, len(rows)).T[:-1]
    return np.ascontiguousarray(filled[:, ::-1] if padding == "pre" else filled)


class _Counting:
    """By one Counter; ids are made when they are asked for."""

    def __init__(self, lower=True, oov_token=None, num_chars=None):
        self.lower, self.oov_token, self.num_chars, self.counts = lower, oov_token, num_chars, Counter()

    def _characters(self, text):
        return text.lower() if self.lower else text

    def fit(self, texts):
        for text in texts:
            self.counts.update(self._characters(text))
        return self

    @property
    def vocabulary(self):
        names = [c for c, _ in sorted(self.counts.items(), key=lambda pair: -pair[1]) if c != self.oov_token]
        return {c: i for i, c in enumerate(([] if self.oov_token is None else [self.oov_token]) + names, 1)}

    def encode(self, texts):
        kept = {c: i for c, i in self.vocabulary.items() if (self.num_chars is None or i < self.num_chars) and c != self.oov_token}
        unknown = None if self.oov_token is None else 1
        rows = [[kept.get(c, unknown) for c in self._characters(text)] for text in texts]
        return [[i for i in row if i is not None] for row in rows]

    def decode(self, sequences):
        names = {i: c for c, i in self.vocabulary.items()}
        return ["".join(names[int(i)] for i in row if i) for row in sequences]


form("CharTokenizer", "numpy", ONE, "counting")(_Counting)


@form("CharTokenizer", "numpy", ONE)
class ArraysOfIds(_Counting):
    """A row an array."""

    def encode(self, texts):
        return [np.array(row, dtype=np.int64) for row in super().encode(texts)]


@form("CharTokenizer", "torch", ONE)
class TensorsOfIds(_Counting):
    """A row a tensor."""

    def encode(self, texts):
        return [torch.tensor(row, dtype=torch.int64) for row in super().encode(texts)]
