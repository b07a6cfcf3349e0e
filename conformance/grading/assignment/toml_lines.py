"""On which line of a TOML file a key stands. `tomllib` does not say, so it is found by reading ever longer beginnings of the file."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Any

_PLACE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)$")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) where the value of the path begins; where the path is not there, of its nearest ancestor that is.

    A beginning of a TOML file that ends between two statements is TOML, and it holds the key from the key's own line on.

    >>> line_of('a = 1\\n[b]\\nc = 2\\n', ("b", "c"))
    3
    >>> line_of('a = 1\\n[b]\\nc = 2\\n', ("b", "missing"))
    2
    """
    lines = text.splitlines(keepends=True)

    @cache
    def beginning(count: int) -> dict[str, Any]:
        """What the shortest valid beginning of at least `count` lines says."""
        for end in range(count, len(lines) + 1):
            try:
                return tomllib.loads("".join(lines[:end]))
            except tomllib.TOMLDecodeError:
                continue
        return tomllib.loads(text)

    for length in range(len(path), 0, -1):
        if _holds(tomllib.loads(text), path[:length]):
            return bisect_left(range(1, len(lines)), True, key=lambda count: _holds(beginning(count), path[:length])) + 1
    return 1


def syntax_error(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """Line and sentence of a file that is not TOML at all."""
    place = _PLACE.search(str(error))
    line = int(place[1]) if place and place[1] else len(text.splitlines())
    return max(line, 1), _PLACE.sub("", str(error))


def _holds(value: Any, path: Sequence[str | int]) -> bool:
    try:
        for key in path:
            if isinstance(value, str):
                return False
            value = value[key]
    except (KeyError, IndexError, TypeError):
        return False
    return True
