"""`docs/library/`: a page for every specification, with the entries whose nearest it is, and an index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conformance.cases.kinds import KINDS, kind_of
from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault
from conformance.files import write_atomically
from conformance.library.as_markdown import as_markdown
from conformance.library.blocks import Block, Heading, Item, Items, Page, Paragraph
from conformance.library.entry_page import entry_blocks
from conformance.library.specification_page import specification_page
from reference.specification import Spec, catalogue

INDEX = "README.md"
COMMAND = "conformance explain --all docs/library"


def pages() -> Mapping[str, str]:
    """The content of every file by its name."""
    shelf = {f"{spec.name}.md": as_markdown(_page(spec)) for spec in catalogue().values()}
    return {INDEX: as_markdown(_index()), **shelf}


def write(folder: Path) -> int:
    """Write them all; what else is in the folder stays. Returns how many there are.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = pages()
    for name, text in content.items():
        write_atomically(folder / name, text)
    return len(content)


def _link(entry: Fault) -> str:
    return f"{entry.specs[0]}.md#{entry.id}"


def _page(spec: Spec) -> Page:
    page = specification_page(spec, _link)
    own = [entry for entry in entries().values() if entry.specs[0] == spec.name]
    details: list[Block] = [Heading("In full")] if own else []
    for entry in own:
        details += [Heading(entry.id, 3), *entry_blocks(entry, 4)]
    return Page(page.title, (*page.blocks, *details))


def _index() -> Page:
    blocks: list[Block] = [
        Paragraph(
            "What is right, what is right elsewhere, and what is wrong: every specification with its equation, domain, laws and known answers, "
            f"and every mistake, variant and rewrite of the catalogue. Written by `{COMMAND}`; "
            "`conformance explain NAME` shows the same in a terminal."
        )
    ]
    for kind in KINDS.values():
        specs = [spec for spec in catalogue().values() if kind_of(spec) is kind]
        blocks += [Heading(kind.title), Items(tuple(Item(spec.name, spec.equation, f"{spec.name}.md") for spec in specs))]
    for of, title in (("variant", "Variants"), ("fault", "Mistakes"), ("rewrite", "Other ways to write it")):
        own = [entry for entry in entries().values() if entry.kind == of]
        blocks += [
            Heading(f"{title} ({len(own)})"),
            Items(tuple(Item(entry.id, entry.sentence, _link(entry)) for entry in own)),
        ]
    return Page("The library", tuple(blocks))
