"""From texts to padded arrays of character ids, with the meaning and the defaults of Keras."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from reference.arguments import list_of_texts, one_of, whole_number
from reference.domains import Choice, Sequences, Texts, Whole
from reference.specification import Array, KnownAnswer, specify

_INT32 = np.iinfo(np.int32)
_LISTING_1 = ["hello world", "machine learning", "deep learning"]
_LISTING_1_VOCABULARY = {c: i for i, c in enumerate("eln raihodgwmcp", start=1)}


@specify(
    equation="ids from 1 by falling frequency, ties in order of first appearance; 0 is padding",
    source="000 listing 1",
    kind="tokenizer",
    inputs={
        "texts": Texts(),
        "unseen": Texts(least=0),
        "lower": Choice((True, False)),
        "oov_token": Choice((None, "<OOV>")),
        "num_chars": Whole(1, 12, optional=True),
    },
    known_answers=(
        KnownAnswer(
            {"texts": _LISTING_1, "unseen": ["held"], "lower": True, "oov_token": None, "num_chars": None},
            {"vocabulary": _LISTING_1_VOCABULARY},
            "000 listing 1",
        ),
    ),
)
class CharTokenizer:
    """Characters to integer ids, as Keras' `Tokenizer(char_level=True)` gives them.

    `str.lower()` first (if asked), then one token a code point. Ids start at 1 and rise with falling frequency, ties in order of
    first appearance. 0 is padding, never a character. Nothing is normalised: NFC and NFD forms are different characters.

    Args:
        lower: lower-case before anything else.
        oov_token: name of the id 1 that stands for unknown characters; without it they are dropped.
        num_chars: `encode` keeps ids below this number only; the rest counts as unknown.

    Raises:
        TypeError: a bare str in place of a list, or an item that is not a str.
        ValueError: encoding before fitting, an `oov_token` that is one of the characters, an id outside the vocabulary.

    Source: lecture notes 000, listing 1.

    >>> CharTokenizer().fit(["hello"]).encode(["hole", "x"])
    [[2, 4, 1, 3], []]
    """

    def __init__(self, lower: bool = True, oov_token: str | None = None, num_chars: int | None = None) -> None:
        if not isinstance(lower, bool):
            raise TypeError(f"lower: expected a bool, got {type(lower).__name__}")
        if oov_token is not None and not isinstance(oov_token, str):
            raise TypeError(f"oov_token: expected a str or None, got {type(oov_token).__name__}")
        self.lower = lower
        self.oov_token = oov_token
        self.num_chars = None if num_chars is None else whole_number("num_chars", num_chars, 1)
        self._counts: Counter[str] = Counter()

    def fit(self, texts: Iterable[str]) -> CharTokenizer:
        """Count the characters of `texts`, in addition to those of earlier calls, and return self."""
        counts = self._counts.copy()
        for text in list_of_texts("texts", texts):
            counts.update(self._characters(text))
        if self.oov_token in counts:
            raise ValueError(f"oov_token: expected a string that is no character of the texts, got {self.oov_token!r}")
        self._counts = counts
        return self

    @property
    def vocabulary(self) -> dict[str, int]:
        """Every character and its id, in order of id."""
        # Counter keeps the order of first appearance and sorted() is stable, so ties keep it too.
        by_frequency = sorted(self._counts, key=lambda character: -self._counts[character])
        tokens = by_frequency if self.oov_token is None else [self.oov_token, *by_frequency]
        return {token: i for i, token in enumerate(tokens, start=1)}

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of every text."""
        vocabulary = self._fitted_vocabulary()
        limit = len(vocabulary) + 1 if self.num_chars is None else self.num_chars
        ids_by_character = {c: i for c, i in vocabulary.items() if i < limit and c != self.oov_token}
        unknown = None if self.oov_token is None else vocabulary[self.oov_token]
        ids = ([ids_by_character.get(c, unknown) for c in self._characters(text)] for text in list_of_texts("texts", texts))
        return [[i for i in row if i is not None] for row in ids]

    def decode(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The text of every sequence of ids; padding (0) is left out."""
        tokens = {i: token for token, i in self._fitted_vocabulary().items()}
        return ["".join(_token(tokens, i) for i in row if i != 0) for row in _rows_of_ids(sequences)]

    def _characters(self, text: str) -> str:
        return text.lower() if self.lower else text

    def _fitted_vocabulary(self) -> dict[str, int]:
        if not self._counts:
            raise ValueError("texts: expected a fitted tokenizer, got one that has seen no characters; call fit first")
        return self.vocabulary


def _token(tokens: dict[int, str], i: int) -> str:
    if i not in tokens:
        raise ValueError(f"sequences: expected ids from 0 to {len(tokens)}, got {i}")
    return tokens[i]


@specify(
    equation="(N, maxlen) of int32, every sequence cut to maxlen and filled with `value`",
    source="000 listing 1",
    inputs={
        "sequences": Sequences(-(2**31), 2**31 - 1),
        "maxlen": Whole(1, 9, optional=True, edges=(15, 40)),
        "padding": Choice(("pre", "post")),
        "truncating": Choice(("pre", "post")),
        "value": Whole(-3, 3, edges=(-200, 300, 70_000, -(2**31), 2**31 - 1)),
    },
    known_answers=(
        KnownAnswer(
            {"sequences": [[1, 2, 3], [4]], "maxlen": 2, "padding": "post"},
            np.array([[2, 3], [4, 0]], dtype=np.int32),
            "Keras' defaults",
        ),
    ),
)
def pad_sequences(
    sequences: Sequence[Sequence[int]], maxlen: int | None = None, padding: str = "pre", truncating: str = "pre", value: int = 0
) -> Array:
    """Sequences of unequal length as one rectangular array.

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

    Source: lecture notes 000, listing 1; Keras `pad_sequences`.

    >>> pad_sequences([[1, 2, 3], [4]], padding="post")
    array([[1, 2, 3],
           [4, 0, 0]], dtype=int32)
    """
    rows = [[_fitting(f"sequences[{position}]", number) for number in row] for position, row in enumerate(_rows_of_ids(sequences))]
    if not rows:
        raise ValueError("sequences: expected at least one sequence, got none")
    one_of("padding", padding, ("pre", "post"))
    one_of("truncating", truncating, ("pre", "post"))
    value = _fitting("value", whole_number("value", value))
    width = max(map(len, rows)) if maxlen is None else whole_number("maxlen", maxlen, 1)
    padded = np.full((len(rows), width), value, dtype=np.int32)
    for target, row in zip(padded, rows, strict=True):
        piece = row[-width:] if truncating == "pre" else row[:width]
        if piece:
            target[slice(len(piece)) if padding == "post" else slice(-len(piece), None)] = piece
    return padded


def _rows_of_ids(sequences: object) -> list[list[int]]:
    """The sequences as lists of int; everything else is refused."""
    if isinstance(sequences, (str, bytes)) or not isinstance(sequences, Iterable):
        raise TypeError(f"sequences: expected a list of lists of whole numbers, got {type(sequences).__name__}")
    rows = []
    for position, row in enumerate(sequences):
        if isinstance(row, (str, bytes)) or not isinstance(row, Iterable):
            raise TypeError(f"sequences[{position}]: expected a list of whole numbers, got {type(row).__name__}")
        rows.append([whole_number(f"sequences[{position}]", number) for number in row])
    return rows


def _fitting(name: str, number: int) -> int:
    if not _INT32.min <= number <= _INT32.max:
        raise ValueError(f"{name}: expected numbers that fit int32, got {number}")
    return number
