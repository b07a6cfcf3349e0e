"""What a page is made of, whatever it looks like. Texts may hold `code` in backticks, and nothing else that is marked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """Begins a part of a page."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A few sentences, set anew at any width."""

    text: str


@dataclass(frozen=True)
class Item:
    """A name, and what is said of it; `link` is where the whole of it stands in `docs/library/`, `prose` that the name is no code."""

    name: str
    text: str = ""
    link: str | None = None
    prose: bool = False


@dataclass(frozen=True)
class Items:
    """A list of them."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Code:
    """Lines that stay as they are."""

    text: str
    language: str = "text"


Block = Heading | Paragraph | Items | Code


@dataclass(frozen=True)
class Page:
    """A title, and what stands under it."""

    title: str
    blocks: tuple[Block, ...]
