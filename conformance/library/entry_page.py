"""A mistake, a variant or a rewrite as a page: what is different, where to look, where it was seen, and what it makes of the reference."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

from conformance.faults.catalogue import text_in
from conformance.faults.changed.reference import difference
from conformance.faults.entry_file import UNSEEN
from conformance.faults.fault import Fault
from conformance.library.blocks import Block, Code, Heading, Item, Items, Page, Paragraph

WORDS = {"fault": "mistake", "variant": "variant: right elsewhere", "rewrite": "right here, written in another way"}


def entry_page(entry: Fault) -> Page:
    """The whole page."""
    return Page(f"{entry.id} ({WORDS[entry.kind]})", tuple(entry_blocks(entry)))


def entry_blocks(entry: Fault, level: int = 2) -> Iterator[Block]:
    """What stands under its name, with headings of this level."""
    yield Paragraph(entry.sentence)
    facts = {
        "Hint": entry.hint,
        "Seen": "" if entry.seen == UNSEEN else entry.seen,
        "Noticed as": (entry.symptom or "").replace("_", " "),
        "Shown by no input, because": entry.because or "",
        "Told by no input from": entry.same_as or "",
        "Recognised with another number than": entry.constant or "",
        "Specifications": ", ".join(entry.specs),
    }
    yield Items(tuple(Item(name, text, prose=True) for name, text in facts.items() if text))
    if entry.changes:
        yield Heading("What it makes of the reference", level)
        yield Code(difference(entry), "diff")
    for function, title in ((entry.wrap, "What it makes of the finished function"), (entry.noise, "How many digits it loses")):
        if function is not None:
            yield Heading(title, level)
            yield Code(_source(function), "python")


def hint_page(id: str, language: str, sentence: str | None, hint: str) -> Page:
    """What a student is told: where to look, and what is different where the assignment says that much; never how it is right."""
    texts = {"sentence": sentence, "hint": hint}
    if language != "en":
        texts = {key: text and (text_in(language, id, key) or text) for key, text in texts.items()}
    return Page(id, tuple(Paragraph(text) for text in texts.values() if text))


def _source(function: Callable[..., Any]) -> str:
    """How a function of conformance/faults/code/ is written, which may be the result of another."""
    module = sys.modules[function.__module__]
    names = [name for name, value in vars(module).items() if value is function]
    text = inspect.getsource(module)
    for node in ast.parse(text).body:
        if set(_defined(node)) & set(names):
            return ast.get_source_segment(text, node) or ""
    return inspect.getsource(function)


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement binds."""
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    return [ast.unparse(target) for target in node.targets] if isinstance(node, ast.Assign) else []
