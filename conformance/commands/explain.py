"""`conformance explain`: a specification, a mistake or a variant, to read."""

from __future__ import annotations

import difflib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conformance.commands.assignment import loaded
from conformance.commands.process import out, stop
from conformance.errors import UnknownChoice
from conformance.faults.catalogue import entries
from conformance.library import shelf
from conformance.library.as_markdown import as_markdown
from conformance.library.as_text import as_text
from conformance.library.blocks import Page
from conformance.library.entry_page import entry_page, hint_page
from conformance.library.named_entries import entry_named
from conformance.library.specification_page import asked_blocks, specification_page
from reference.specification import catalogue

if TYPE_CHECKING:
    from conformance.grading.assignment.assignment import Assignment


class Format(StrEnum):
    """How the page is written."""

    text = "text"
    markdown = "markdown"
    html = "html"


def explain_command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A specification of `conformance list`, or the id of a mistake, variant or rewrite."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="text, markdown or html.")] = Format.text,
    assignment: Annotated[
        Path | None,
        typer.Option(
            "--assignment",
            metavar="FILE",
            help="No more than its students may know: of a mistake the sentence and the hint, or where expected = false the hint.",
        ),
    ] = None,
    everything: Annotated[
        Path | None, typer.Option("--all", metavar="DIR", help="Write the page of everything, in Markdown.")
    ] = None,
) -> None:
    """Explain a specification (equation, domain, laws, other meanings, mistakes) or a mistake (what it changes, where to look)."""
    if everything is not None:
        if name is not None:
            stop(f"all: expected no name with it, got {name!r}")
        _write_all(everything)
        return
    if name is None:
        stop("name: expected a specification, or the id of a mistake or variant; `conformance list` shows the specifications")
    page = _page(name) if assignment is None else _page_for_students(name, loaded(assignment)[0])
    typer.echo(_written(page, form).rstrip("\n"))


def _written(page: Page, form: Format) -> str:
    if form is Format.html:
        from conformance.library.as_html import as_html

        return as_html(page)
    return as_markdown(page) if form is Format.markdown else as_text(page, out.width)


def _page(name: str) -> Page:
    if name in catalogue():
        return specification_page(catalogue()[name])
    if (entry := entry_named(name)) is not None:
        return entry_page(entry)
    raise _unknown(name, [*catalogue(), *entries()])


def _page_for_students(name: str, assignment: Assignment) -> Page:
    """What is asked of them, and what a feedback tells them of a mistake."""
    asked = set(assignment.specs)
    if name in asked:
        return Page(name, asked_blocks(assignment.specs[name].asked_of(catalogue()[name])))
    entry = entry_named(name)
    # A template is of no specification: it describes the answers of whoever is told of it.
    if entry is not None and entry.hint and (asked & set(entry.specs) or not entry.specs):
        return hint_page(name, assignment.language, entry.sentence if assignment.shown.expected else None, entry.hint)
    known = [id for id, other in entries().items() if asked & set(other.specs) and other.hint]
    raise _unknown(name, [*asked, *known], " of the assignment")


def _unknown(name: str, names: list[str], where: str = "") -> UnknownChoice:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`conformance list` shows the specifications"
    return UnknownChoice(f"name: expected a specification, or the id of a mistake or variant{where}, got {name!r}; {hint}")


def _write_all(folder: Path) -> None:
    try:
        count = shelf.write(folder)
    except OSError as error:
        stop(f"all: cannot write to {str(folder)!r}: {error.strerror}")
    out.print(f"{count} pages are in {folder}.", markup=False, soft_wrap=True)
