"""A page in Markdown, as `docs/library/` holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.library.blocks import Block, Code, Heading, Item, Items, Page, Paragraph
from conformance.reports.escaping import markdown

CODE = re.compile("(`[^`]+`)")


def as_markdown(page: Page) -> str:
    """The page, with an end of line at its end."""
    lines = [f"# {_escaped(page.title)}"]
    for block in page.blocks:
        lines += ["", *_lines(block)]
    return "\n".join(lines) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {_escaped(block.text)}"
        case Paragraph():
            yield _escaped(block.text)
        case Items():
            for item in block.items:
                name = f"[{_name(item)}]({item.link})" if item.link else _name(item)
                yield f"- {name}: {_escaped(item.text)}" if item.text else f"- {name}"
        case Code():
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
            yield from (f"{fence}{block.language}", *block.text.splitlines(), fence)


def _name(item: Item) -> str:
    if not item.prose:
        return f"`{item.name}`"
    return f"**{_escaped(item.name)}**" if item.text else _escaped(item.name)


def _escaped(text: str) -> str:
    """Code stays code."""
    return "".join(part if CODE.fullmatch(part) else _prose(part) for part in CODE.split(text))


def _prose(text: str) -> str:
    """Blanks at the ends stand between it and code."""
    inner = text.strip()
    return text if not inner else text.replace(inner, markdown(inner, longest=10**6), 1)
