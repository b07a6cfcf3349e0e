"""A page in a terminal: no line is longer than there is room."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from conformance.library.blocks import Block, Code, Heading, Items, Page, Paragraph


def as_text(page: Page, width: int = 80) -> str:
    """The page, without an end of line at its end."""
    lines = [*_wrapped(page.title, width, 0, 0)]
    for block in page.blocks:
        lines += ["", *_lines(block, width)]
    return "\n".join(lines)


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading():
            yield from _wrapped(block.text, width, 0, 0)
        case Paragraph():
            yield from _wrapped(block.text, width, 2, 2)
        case Items():
            for item in block.items:
                yield from _wrapped(f"{item.name}: {item.text}" if item.text else item.name, width, 2, 6)
        case Code():
            for line in block.text.splitlines():
                yield from _folded(line, width, 4)


def _wrapped(text: str, width: int, first: int, rest: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=" " * first, subsequent_indent=" " * rest, break_on_hyphens=False)


def _folded(line: str, width: int, indent: int) -> list[str]:
    """Code keeps its blanks; what has no room goes on in the next line, further in, and in a diff behind the same sign."""
    signed = len(line) - len(line[1:].lstrip() if line[:1] in ("+", "-") else line.lstrip())
    margin = " " * indent
    whole = f"{margin}{line}"
    if len(whole) <= width:
        return [whole.rstrip()]
    rest = f"{margin}{line[:signed]}  "
    return textwrap.wrap(whole, width, subsequent_indent=rest, break_on_hyphens=False)
