"""Values at the edge of a domain and beyond it. Which of them are refused the reference says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from conformance.judging.conduct.sides import OtherPrecision
from reference.domains import Bits, Choice, Domain, Ids, Length, Number, Reals, Sequences, Texts, Whole, Widths
from reference.specification import Array

_NUMBERS = (None, "0.1", True, [0.1], 0.1j, math.nan, math.inf, -math.inf, -1.0, -1e-9, 0.0, 0, 0.25, 0.5, 0.75, 1, 1.0, 2.0)
_WHOLE_NUMBERS = (None, "2", 2.0, 1.5, True, [2], -1, 0, 1, 2)
_WIDTHS = (784, "784", None, {2, 3}, 2.5, (), (3,), (3, 2), [3, 2], (1, 1), (3, 2, 1))
_WIDTHS_WITHIN = ((3, 0), (3, -1), (0, 3), (3, 2.0), (3, "2"), (3, None), (3, True))
_NO_OPTION = ("unheard of", None, 0, "", ["mean"])
_NO_FLAG = (1, 0, None, "yes")
_NO_TEXTS = ("abc", b"abc", None, 3, ["a", None], ["a", b"a"], ["a", 3], [["a"]], [], ("ab", "c"), [""])
_NO_SEQUENCES = ("abc", None, 3, [], [[1], None], [[1], 3], [[1], "ab"], [[1], [1.0]], [[1], ["1"]], [[1], [[1]]], [[1], [2**31]])
_SEQUENCES_WITHIN = ([[1], [-(2**31)]], [[1], [2**31 - 1]], [[]], [[], []], ((1, 2), (3,)), [[1], [-(2**31) - 1]])

MANY_TEXTS = [chr(ord("a") + 5 * i % 26) * (i % 4) for i in range(40)]
TOKENS = [{"oov_token": value} for value in (1, True, b"x", ["x"], "x", "", None)]
ROWS_OF_IDS = (
    [[i % 4] for i in range(40)],
    *([[1, 4]], [[1, -1]], [[10**9]], [[3, 0, 1]], [[]], [], ((1, 2), (0,))),
    *(None, 3, [1, 2], "12", b"12", ["12"], [b"12"], [[1.5]], [[None]], [[[1]]]),
)


def of_option(domain: Domain) -> Iterator[Any]:
    """Of what is no array. What is taken of these every package takes."""
    match domain:
        case Number():
            yield from (*_NUMBERS, domain.low, domain.high)
        case Whole() | Length():
            yield from _WHOLE_NUMBERS
        case Widths():
            yield from (*_WIDTHS, *_WIDTHS_WITHIN)
        case Choice(options=(str(), *_)):
            yield from _NO_OPTION
            yield str(domain.options[0]).upper()
        case Choice(options=(bool(), *_)):
            yield from _NO_FLAG
        case Texts():
            yield from _NO_TEXTS
        case Sequences():
            yield from (*_NO_SEQUENCES, *_SEQUENCES_WITHIN)


def of_array(domain: Domain, good: Array, alone: bool) -> Iterator[tuple[str, Any]]:
    """Of an array, with what is wrong; `alone` says that no other stands beside it. What is taken of these a package may refuse."""
    yield "a text", "text"
    yield "a number", 0.5
    yield "an axis less", good[0]
    yield "an axis more", good[None]
    yield "no rows", good[:0]
    if not isinstance(domain, Bits):
        yield "truth values", good > 0
    if good.ndim > 1:
        yield "no columns", good[:, :0]
        yield "a column more", np.concatenate([good, good[:, :1]], axis=1)
        yield "the first column", good[:, 0]
    if not alone:
        yield "a row less", good[:-1]
        yield "one row", good[:1]
        yield "transposed", good.T
    match domain:
        case Reals() | Bits():
            yield "whole numbers", np.ones(good.shape, dtype=np.int64)
            yield "another precision", OtherPrecision(good)
            yield "numbers below 0", good - 9.0
            yield "a number past 1", _with_last(good, 1.5)
            yield "a number below 0", _with_last(good, -0.5)
            yield "NaN", _with_last(good, math.nan)
        case Ids(count=count):
            yield "broken numbers", good.astype(np.float64)
            yield "an id too large", _with_last(good, count)
            yield "an id below 0", _with_last(good, -1)


def _with_last(array: Array, value: float) -> Array:
    changed = array.copy()
    changed.flat[-1] = value
    return changed
