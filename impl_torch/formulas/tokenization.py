"""From texts to padded tensors of character ids, with the meaning and the defaults of Keras."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from impl_torch.arguments import one_of, whole_number

__all__ = ["CharTokenizer", "pad_sequences"]

_SIDES = ("pre", "post")
_RANGE = torch.iinfo(torch.int32)


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
        self._seen: dict[str, int] = {}

    def fit(self, texts: Iterable[str]) -> CharTokenizer:
        """Count the characters of `texts`, in addition to those of earlier calls, and return self; on an error nothing changes."""
        seen = dict(self._seen)
        for text in _texts("texts", texts):
            for character in self._split(text):
                seen[character] = seen.get(character, 0) + 1
        if self.oov_token in seen:
            raise ValueError(f"oov_token: expected a string that is no character of the texts, got {self.oov_token!r}")
        self._seen = seen
        return self

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every character and its id, in order of id."""
        # A dict keeps the order of first appearance; sorting is stable even when reversed, so ties keep it too.
        ranked = sorted(self._seen, key=self._seen.__getitem__, reverse=True)
        if self.oov_token is not None:
            ranked.insert(0, self.oov_token)
        return dict(zip(ranked, range(1, len(ranked) + 1), strict=True))

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of every text."""
        ids = self._fitted()
        # The unknown id stays even when num_chars cuts below it.
        unknown = [] if self.oov_token is None else [ids.pop(self.oov_token)]
        if self.num_chars is not None:
            ids = {character: i for character, i in ids.items() if i < self.num_chars}
        return [[i for c in self._split(text) for i in ([ids[c]] if c in ids else unknown)] for text in _texts("texts", texts)]

    def decode(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The text of every sequence of ids, tensors included; padding (0) is left out."""
        characters: Mapping[int, str] = {i: character for character, i in self._fitted().items()}
        texts = []
        for sequence in sequences:
            pieces = []
            for i in sequence.tolist() if isinstance(sequence, Tensor) else sequence:
                if i != 0 and i not in characters:
                    raise ValueError(f"sequences: expected ids from 0 to {len(characters)}, got {i}")
                pieces.append("" if i == 0 else characters[i])
            texts.append("".join(pieces))
        return texts

    def _split(self, text: str) -> str:
        return text.lower() if self.lower else text

    def _fitted(self) -> dict[str, int]:
        if not self._seen:
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
    if isinstance(sequences, (str, bytes)) or not isinstance(sequences, Iterable):
        raise TypeError(f"sequences: expected a list of lists of whole numbers, got {type(sequences).__name__}")
    rows = [_row(f"sequences[{position}]", row) for position, row in enumerate(sequences)]
    if not rows:
        raise ValueError("sequences: expected at least one sequence, got none")
    one_of("padding", padding, _SIDES)
    one_of("truncating", truncating, _SIDES)
    value = _int32("value", value)
    width = max(len(row) for row in rows) if maxlen is None else whole_number("maxlen", maxlen, least=1)
    padded = []
    for row in rows:
        kept = row[max(len(row) - width, 0) :] if truncating == "pre" else row[:width]
        filling = [value] * (width - len(kept))
        padded.append(filling + kept if padding == "pre" else kept + filling)
    return torch.tensor(padded, dtype=torch.int32, device="cpu").reshape(len(rows), width)


def _texts(name: str, value: Any) -> list[str]:
    """`value` as a list of str. A bare str is refused: it would be read as a list of one-character texts."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"{name}: expected a list of str, got {type(value).__name__}")
    texts = list(value)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected a list of str, got {type(text).__name__} at position {position}")
    return texts


def _row(name: str, row: Any) -> list[int]:
    if isinstance(row, (str, bytes)) or not isinstance(row, Iterable) or (isinstance(row, Tensor) and row.dim() != 1):
        raise TypeError(f"{name}: expected a list of whole numbers, got {type(row).__name__}")
    return [_int32(name, number) for number in (row.tolist() if isinstance(row, Tensor) else row)]


def _int32(name: str, value: Any) -> int:
    number = whole_number(name, value)
    if not _RANGE.min <= number <= _RANGE.max:
        raise ValueError(f"{name}: expected numbers that fit int32, got {number}")
    return number
