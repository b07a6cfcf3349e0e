"""Every command line that README.md, CONTRIBUTING.md and docs/ show: in blocks of shell code, and in sentences."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^`([\w./]+)`[^\n]*:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:conformance|pytest|python -m) [^`]+)`")


@dataclass(frozen=True)
class Line:
    """One command as a page shows it, its comment left out."""

    page: str
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(shlex.split(self.text))


def shown_lines() -> list[Line]:
    """Each once, in the order of the pages."""
    lines = (Line(page, text) for page in PAGES for text in _of((ROOT / page).read_text()))
    return list({line.text: line for line in lines}.values())


def files_of(page: str) -> dict[str, str]:
    """The files that a page shows whole: a block behind a line that begins with the name of the file."""
    return dict(_FILE.findall((ROOT / "docs" / page).read_text()))


def _of(page: str) -> Iterator[str]:
    for block in _BLOCK.findall(page):
        for line in block.splitlines():
            for command in re.split(r"\s+&&\s+", line.partition(" #")[0].strip()):
                if command:
                    yield command
    yield from (" ".join(inline.split()) for inline in _INLINE.findall(_CODE.sub("", page)))
