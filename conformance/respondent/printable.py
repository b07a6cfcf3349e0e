"""What foreign code says, made fit for one line of a report: no line breaks, no control characters, nothing that cannot be encoded."""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_LONGEST = 300
_OURS = Path(__file__).resolve().parents[1]  # the whole package
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


def place_of(error: BaseException, folder: str | None = None) -> str | None:
    """`file.py:12`, where foreign code raised: its own last line, not one of the libraries that it called. None if it has none.

    Where foreign code lies in one folder, only what is in it is its own, and files are named as seen from there.
    """
    try:
        place, traceback = None, error.__traceback__
        while traceback is not None:
            name = _own_file(traceback.tb_frame.f_code.co_filename, folder)
            if name is not None:
                place = f"{one_line(name)}:{traceback.tb_lineno}"
            traceback = traceback.tb_next
    except Exception:  # foreign code may have put anything in the place of a traceback
        return None
    return place


def _own_file(path: str, folder: str | None) -> str | None:
    """What a file of foreign code is called; None for any other file."""
    if folder is not None:
        return path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else None
    file = Path(path).resolve()
    return file.name if file.suffix == ".py" and not any(file.is_relative_to(own) for own in (_OURS, *_LIBRARIES)) else None


def in_brackets(place: str | None) -> str:
    """The place behind a message, as CPython writes that of a SyntaxError: ` (file.py, line 12)`; nothing if it is not known."""
    file, _, line = (place or "").rpartition(":")
    return f" ({file}, line {line})" if file else ""


def described(value: Any) -> str:
    """A value of a plain type as written in Python, anything else by its type: a foreign __repr__ is not asked."""
    if type(value) in _PLAIN:
        return one_line(ascii(value))
    if type(value) is list and all(type(item) in _PLAIN for item in value):
        return one_line(ascii(value))
    return type(value).__name__


def syntax_error(error: SyntaxError, file: str) -> str:
    """What makes a file no Python, and where: `SyntaxError: expected ':' (file.py, line 3)`."""
    line = f", line {error.lineno}" if error.lineno else ""
    return f"{type(error).__name__}: {one_line(error.msg or '')} ({one_line(file)}{line})"
