"""A page as one HTML file, in the frame of all pages of the project."""

from __future__ import annotations

from pathlib import Path

from conformance.library.as_markdown import CODE
from conformance.library.blocks import Page
from conformance.reports import pages

_TEMPLATES = Path(__file__).parent / "templates"


def as_html(page: Page) -> str:
    """The page; jinja2 escapes every text. What is linked to stands in other files, so that names are no links here."""
    blocks = [(type(block).__name__, block) for block in page.blocks]
    return pages.page("library.html", _TEMPLATES, language="en", title=page.title, blocks=blocks, spans=_spans)


def _spans(text: str) -> list[tuple[bool, str]]:
    """Pieces of a text, and whether each is code."""
    return [(CODE.fullmatch(part) is not None, part.strip("`")) for part in CODE.split(text) if part]
