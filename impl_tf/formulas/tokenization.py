"""From texts to padded tensors of character ids, with the meaning and the defaults of Keras."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import keras
import tensorflow as tf

from impl_tf.arguments import one_of, whole_number

__all__ = ["CharTokenizer", "pad_sequences"]

_SIDES = ("pre", "post")


class CharTokenizer:
    """Characters to integer ids, as Keras' `Tokenizer(char_level=True)`, no longer part of Keras 3, gives them.

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
        if type(lower) is not bool:
            raise TypeError(f"lower: expected a bool, got {type(lower).__name__}")
        if not (oov_token is None or isinstance(oov_token, str)):
            raise TypeError(f"oov_token: expected a str or None, got {type(oov_token).__name__}")
        if num_chars is not None:
            num_chars = whole_number("num_chars", num_chars, least=1)
        self.lower, self.oov_token, self.num_chars = lower, oov_token, num_chars
        # Character -> occurrences, in order of first appearance.
        self._occurrences: dict[str, int] = {}

    def fit(self, texts: Iterable[str]) -> CharTokenizer:
        """Count the characters of `texts`, in addition to those of earlier calls, and return self; on an error nothing changes."""
        occurrences = self._occurrences.copy()
        for character in chain.from_iterable(self._normal(_list_of_texts(texts))):
            occurrences[character] = 1 + occurrences.get(character, 0)
        if self.oov_token in occurrences:
            raise ValueError(f"oov_token: expected a string that is no character of the texts, got {self.oov_token!r}")
        self._occurrences = occurrences
        return self

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every character and its id, in order of id."""
        first = [] if self.oov_token is None else [self.oov_token]
        # Sorting is stable, so characters of the same frequency stay in order of first appearance.
        by_frequency = sorted(self._occurrences.items(), key=lambda item: -item[1])
        return {token: i for i, token in enumerate(chain(first, (character for character, _ in by_frequency)), start=1)}

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of every text."""
        self._require_fitted()
        ids = {c: i for c, i in self.vocabulary.items() if self.num_chars is None or i < self.num_chars}
        # 0 marks a character to be dropped. The id of `oov_token` stays, even where num_chars is as low as 1.
        unknown = 0 if self.oov_token is None else 1
        numbered = ([ids.get(character, unknown) for character in text] for text in self._normal(_list_of_texts(texts)))
        return [[i for i in row if i] for row in numbered]

    def decode(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The text of every sequence of ids, tensors included; padding (0) is left out."""
        self._require_fitted()
        tokens = {0: "", **{i: token for token, i in self.vocabulary.items()}}
        return ["".join(_token(tokens, i) for i in _plain(sequence)) for sequence in _plain(sequences)]

    def _normal(self, texts: list[str]) -> list[str]:
        return [text.lower() for text in texts] if self.lower else texts

    def _require_fitted(self) -> None:
        if not self._occurrences:
            raise ValueError("texts: expected a fitted tokenizer, got one that has seen no characters; call fit first")


def pad_sequences(
    sequences: Iterable[Iterable[int]], maxlen: int | None = None, padding: str = "pre", truncating: str = "pre", value: int = 0
) -> tf.Tensor:
    """Sequences of unequal length as one rectangular tensor: `keras.utils.pad_sequences` with its arguments checked.

    Args:
        sequences: N sequences of whole numbers.
        maxlen: columns of the result, at least 1; None means the longest sequence.
        padding: side that is filled, "pre" | "post".
        truncating: side that is cut, "pre" | "post"; so `padding="post"` alone still cuts the front.
        value: the filling.

    Returns:
        (N, maxlen) of int32.

    Raises:
        ValueError: no sequences, an unknown side, maxlen below 1, a number that does not fit int32.
        TypeError: anything that is not a sequence of sequences of whole numbers.
    """
    if isinstance(sequences, (str, bytes)) or not isinstance(sequences, Iterable):
        raise TypeError(f"sequences: expected a list of lists of whole numbers, got {type(sequences).__name__}")
    rows = [_whole_numbers(f"sequences[{position}]", row) for position, row in enumerate(_plain(sequences))]
    if not rows:
        raise ValueError("sequences: expected at least one sequence, got none")
    one_of("padding", padding, _SIDES)
    one_of("truncating", truncating, _SIDES)
    value = _fitting_int32("value", value)
    if maxlen is not None:
        maxlen = whole_number("maxlen", maxlen, least=1)
    padded = keras.utils.pad_sequences(rows, maxlen=maxlen, dtype="int32", padding=padding, truncating=truncating, value=value)
    return tf.convert_to_tensor(padded)


def _list_of_texts(value: Any) -> list[str]:
    """`value` as a list of str. A bare str is refused: it would be read as a list of one-character texts."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise TypeError(f"texts: expected a list of str, got {type(value).__name__}")
    texts = list(value)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts: expected a list of str, got {type(text).__name__} at position {position}")
    return texts


def _plain(value: Any) -> Any:
    """An eager tensor as lists of Python numbers; its elements could not be looked up."""
    return value.numpy().tolist() if tf.is_tensor(value) else value


def _token(tokens: dict[int, str], i: int) -> str:
    if i not in tokens:
        raise ValueError(f"sequences: expected ids from 0 to {len(tokens) - 1}, got {i}")
    return tokens[i]


def _whole_numbers(name: str, row: Any) -> list[int]:
    row = _plain(row)
    if isinstance(row, (str, bytes)) or not isinstance(row, Iterable):
        raise TypeError(f"{name}: expected a list of whole numbers, got {type(row).__name__}")
    return [_fitting_int32(name, number) for number in row]


def _fitting_int32(name: str, value: Any) -> int:
    number = whole_number(name, value)
    if not tf.int32.min <= number <= tf.int32.max:
        raise ValueError(f"{name}: expected numbers that fit int32, got {number}")
    return number
