"""From texts to padded tensors of character ids, with the meaning and the defaults of Keras."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from impl_torch.arguments import list_of_texts, one_of, whole_number

__all__ = ["CharTokenizer", "pad_sequences"]

_INT32 = torch.iinfo(torch.int32)


class CharTokenizer:
    """Characters to integer ids, as Keras' `Tokenizer(char_level=True)` gives them.

    `str.lower()` first (if asked), then one token a code point. Ids start at 1 and rise with falling frequency, ties in order of
    first appearance. 0 is padding, never a character. Nothing is normalised.

    Args:
        lower: lower-case before anything else.
        oov_token: name of the id 1 that stands for unknown characters; without it they are dropped.
        num_chars: `encode` keeps ids below this number only; the rest counts as unknown.

    Raises:
        TypeError: a bare str in place of a list, or an item that is not a str.
        ValueError: encoding or decoding before fitting, an `oov_token` that is one of the characters, an id outside the vocabulary.

    >>> CharTokenizer().fit(["hello"]).encode(["hole", "x"])
    [[2, 4, 1, 3], []]
    """

    def __init__(self, lower: bool = True, oov_token: str | None = None, num_chars: int | None = None) -> None:
        if not isinstance(lower, bool):
            raise TypeError(f"lower: expected a bool, got {type(lower).__name__}")
        if not isinstance(oov_token, (str, type(None))):
            raise TypeError(f"oov_token: expected a str or None, got {type(oov_token).__name__}")
        self.lower = lower
        self.oov_token = oov_token
        self.num_chars = num_chars if num_chars is None else whole_number("num_chars", num_chars, least=1)
        self._counts: dict[str, int] = {}

    def fit(self, texts: Iterable[str]) -> CharTokenizer:
        """Count the characters of `texts`, in addition to those of earlier calls, and return self; on an error nothing changes."""
        counts = self._counts.copy()
        for text in list_of_texts("texts", texts):
            for character in self._characters(text):
                counts[character] = counts.get(character, 0) + 1
        if self.oov_token in counts:
            raise ValueError(f"oov_token: expected a string that is no character of the texts, got {self.oov_token!r}")
        self._counts = counts
        return self

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every character and its id, in order of id."""
        # A dict keeps the order of first appearance; sorting is stable even when reversed, so ties keep it too.
        ranked = sorted(self._counts, key=self._counts.__getitem__, reverse=True)
        if self.oov_token is not None:
            ranked.insert(0, self.oov_token)
        return dict(zip(ranked, range(1, len(ranked) + 1), strict=True))

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of every text."""
        ids = self._fitted_vocabulary()
        # The unknown id stays even when num_chars cuts below it.
        unknown = [] if self.oov_token is None else [ids.pop(self.oov_token)]
        if self.num_chars is not None:
            ids = {character: i for character, i in ids.items() if i < self.num_chars}
        characters = map(self._characters, list_of_texts("texts", texts))
        return [[i for c in text for i in ([ids[c]] if c in ids else unknown)] for text in characters]

    def decode(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The text of every sequence of ids, tensors included; padding (0) is left out."""
        tokens = {0: "", **{i: token for token, i in self._fitted_vocabulary().items()}}
        return ["".join(_token(tokens, i) for i in _plain(sequence)) for sequence in sequences]

    def _characters(self, text: str) -> str:
        return text.lower() if self.lower else text

    def _fitted_vocabulary(self) -> dict[str, int]:
        if not self._counts:
            raise ValueError("texts: expected a fitted tokenizer, got one that has seen no characters; call fit first")
        return self.vocabulary


def pad_sequences(
    sequences: Iterable[Iterable[int]], maxlen: int | None = None, padding: str = "pre", truncating: str = "pre", value: int = 0
) -> Tensor:
    """Sequences of unequal length as one rectangular tensor.

    Args:
        sequences: N sequences of whole numbers.
        maxlen: columns of the result, at least 1; None means the longest sequence.
        padding: side that is filled, "pre" | "post".
        truncating: side that is cut, "pre" | "post"; so `padding="post"` alone still cuts the front.
        value: the filling.

    Returns:
        (N, maxlen) of int32, on the CPU.

    Raises:
        ValueError: no sequences, an unknown side, maxlen below 1, a number that does not fit int32.
        TypeError: anything that is not a sequence of sequences of whole numbers.
    """
    rows = _rows_of_ids(sequences)
    if not rows:
        raise ValueError("sequences: expected at least one sequence, got none")
    one_of("padding", padding, ("pre", "post"))
    one_of("truncating", truncating, ("pre", "post"))
    value = _fitting("value", whole_number("value", value))
    width = max(len(row) for row in rows) if maxlen is None else whole_number("maxlen", maxlen, least=1)
    padded = []
    for row in rows:
        piece = row[max(len(row) - width, 0) :] if truncating == "pre" else row[:width]
        filling = [value] * (width - len(piece))
        padded.append(filling + piece if padding == "pre" else piece + filling)
    return torch.tensor(padded, dtype=torch.int32, device="cpu").reshape(len(rows), width)


def _plain(value: Any) -> Any:
    """A tensor as lists of Python numbers; its elements could not be looked up."""
    return value.tolist() if isinstance(value, Tensor) else value


def _token(tokens: Mapping[int, str], i: int) -> str:
    if i not in tokens:
        raise ValueError(f"sequences: expected ids from 0 to {len(tokens) - 1}, got {i}")
    return tokens[i]


def _rows_of_ids(sequences: Any) -> list[list[int]]:
    """The sequences as lists of int; everything else is refused."""
    if isinstance(sequences, (str, bytes)) or not isinstance(sequences, Iterable):
        raise TypeError(f"sequences: expected a list of lists of whole numbers, got {type(sequences).__name__}")
    rows = []
    for position, row in enumerate(sequences):
        name = f"sequences[{position}]"
        if isinstance(row, (str, bytes)) or not isinstance(row, Iterable) or (isinstance(row, Tensor) and row.dim() != 1):
            raise TypeError(f"{name}: expected a list of whole numbers, got {type(row).__name__}")
        rows.append([_fitting(name, whole_number(name, number)) for number in _plain(row)])
    return rows


def _fitting(name: str, number: int) -> int:
    if not _INT32.min <= number <= _INT32.max:
        raise ValueError(f"{name}: expected numbers that fit int32, got {number}")
    return number
