"""What the process says of itself while it runs foreign code, so that another one can tell what ended it.

`os._exit` and a segmentation fault cannot be caught where they happen. So the commands that run foreign code in their own process are
watched by a second one (`conformance.watch.parent`); the two share a page of memory, and this is what is written on it. In a
process that nobody watches nothing is.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass

_SIZE = mmap.PAGESIZE
_FINISHED, _CODE, _INSIDE, _TEXT, _KEPT = 0, 1, 2, 4, _SIZE // 2


@dataclass(frozen=True)
class Page:
    """The memory that both processes see, and which process is watched."""

    memory: mmap.mmap
    process: int

    @property
    def finished(self) -> int | None:
        """The exit code with which the process ended of its own accord; None if it did not."""
        return self.memory[_CODE] if self.memory[_FINISHED] else None

    @property
    def last(self) -> tuple[str, str] | None:
        """The target whose code was last run, and when the process ended: a clause. None if none was run."""
        name, _, what = self._text(_TEXT, _KEPT).partition("\n")
        return (name, f"{'while' if self.memory[_INSIDE] else 'after'} {what}") if name else None

    @property
    def kept(self) -> str:
        """What is left of the work: a clause, "" for nothing."""
        return self._text(_KEPT, _SIZE)

    def _text(self, start: int, end: int) -> str:
        return bytes(self.memory[start:end]).partition(b"\0")[0].decode("utf-8", "replace")

    def put(self, text: str, start: int) -> None:
        """Write a text of at most half a page."""
        content = text.encode("utf-8", "replace")[: _KEPT - _TEXT - 1] + b"\0"
        self.memory[start : start + len(content)] = content

    def inside(self, value: bool) -> None:
        """Foreign code runs, or has returned."""
        self.memory[_INSIDE] = value

    def finish(self, code: int) -> None:
        """The process ends of its own accord."""
        self.memory[_CODE] = code & 0xFF
        self.memory[_FINISHED] = 1


_page: Page | None = None


def new_memory() -> mmap.mmap:
    """A page of zeros that stays shared across a fork."""
    return mmap.mmap(-1, _SIZE)


def begin(memory: mmap.mmap) -> None:
    """From now on this process says what it does."""
    global _page
    _page = Page(memory, os.getpid())


@contextlib.contextmanager
def foreign(name: str, what: str) -> Iterator[None]:
    """Around code of the target `name`, run for `what`."""
    page = _mine()
    if page is None:
        yield
        return
    page.put(f"{name}\n{what}", _TEXT)
    page.inside(True)
    try:
        yield
    finally:
        if _mine() is page:  # and not a copy of the process, which foreign code has made
            page.inside(False)


def keep(clause: str) -> None:
    """Say what of the work would be left."""
    if (page := _mine()) is not None:
        page.put(clause, _KEPT)


def finished(code: int) -> None:
    """Say that this process ends of its own accord, and how."""
    if (page := _mine()) is not None:
        page.finish(code)


def _mine() -> Page | None:
    """The page, unless this is a process that foreign code started."""
    return _page if _page is not None and _page.process == os.getpid() else None
