"""What foreign code says, made fit for one line of a report: no line breaks, no control characters, nothing that cannot be encoded."""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_LONGEST = 300
_OURS = Path(__file__).resolve().parent
_LIBRARIES = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_PLAIN = (str, int, float, bool, type(None))


def one_line(text: str) -> str:
    """The first line with something on it; unprintable characters escaped, the rest cut off."""
    line = next((line for line in text.strip().splitlines() if line.strip()), "")
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few of the names, and a sign that there are more."""
    return ", ".join([*names[:most], *(["…"] if len(names) > most else [])])


def message_of(error: BaseException) -> str:
    """What an exception says, even if it cannot say it."""
    try:
        return one_line(str(error))
    except Exception:  # a foreign __str__ may do anything
        return ""


def place_of(error: BaseException) -> str | None:
    """`file.py:12`, where foreign code raised: its own last line, not one of the libraries that it called. None if it has none."""
    place, traceback = None, error.__traceback__
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename).resolve()
        if file.suffix == ".py" and not any(file.is_relative_to(folder) for folder in (_OURS, *_LIBRARIES)):
            place = f"{one_line(file.name)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def described(value: Any) -> str:
    """A value of a plain type as written in Python, anything else by its type: a foreign __repr__ is not asked."""
    if type(value) in _PLAIN:
        return one_line(ascii(value))
    if type(value) is list and all(type(item) in _PLAIN for item in value):
        return one_line(ascii(value))
    return type(value).__name__
