"""`conformance compare`: two runs of `verify` side by side, and a run beside what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from conformance.commands.process import CONFORMS, DIFFERS, err, out, stop
from conformance.files import write_atomically
from conformance.reports import changes_markdown, changes_text, ratchet
from conformance.reports.escaping import clean
from conformance.reports.jsonl import Report, read_report
from conformance.reports.run_changes import RunChanges, compare


class Format(StrEnum):
    """How the comparison is written."""

    text = "text"
    markdown = "markdown"
    html = "html"


def compare_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of an earlier `verify --report`, or its report.jsonl.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="NEW", help="Of a later run; left out, OLD is held to --ratchet alone.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="text, markdown (for a pull request) or html (one file).")] = Format.text,
    to: Annotated[Path | None, typer.Option("--out", help="Write it there.", metavar="FILE")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that moved, not the first twenty.")] = False,
    limits: Annotated[
        Path | None, typer.Option("--ratchet", help="Recorded budget use, past which the later may not grow.", metavar="FILE")
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Write what the later run uses into the file of --ratchet.")] = False,
) -> None:
    """Show what changed between two runs: what began to fail, was mended, moved, appeared and vanished, and their versions.

    Exit code 1 if something got worse: a check does not conform that did or is new, is no longer offered, or uses more of its budget than
    is recorded. 2 if a file cannot be read.
    """
    if record and limits is None:
        stop("record: expected --ratchet FILE with it, got no file")
    if new is None and limits is None:
        stop("new: expected a second report, or --ratchet FILE, got neither")
    reports = [read_report(place) for place in (old, new) if place is not None]
    worse = False
    if new is not None:
        changes = compare(*reports)
        _write(_text_of(changes, form, everything), to)
        worse = changes.worse
    if limits is not None:
        # What is printed for a program to read stays free of it.
        say = _printer(err if to is None and form is not Format.text else out)
        worse = not (_recorded if record else _held)(reports[-1], limits, say) or worse
    raise typer.Exit(DIFFERS if worse else CONFORMS)


def _text_of(changes: RunChanges, form: Format, everything: bool) -> str:
    if form is Format.html:
        from conformance.reports import changes_page

        return changes_page.as_html(changes)
    return (
        changes_markdown.as_markdown(changes) if form is Format.markdown else changes_text.as_text(changes, out.width, everything)
    )


def _write(text: str, to: Path | None) -> None:
    if to is None:
        typer.echo(text.rstrip("\n"))
        return
    try:
        write_atomically(to, text.rstrip("\n") + "\n")
    except OSError as error:
        stop(f"out: cannot write to {str(to)!r}: {error.strerror}")
    out.print(f"Written to {to}.", markup=False, soft_wrap=True)


def _printer(console: Console) -> Callable[[str], None]:
    def say(text: str) -> None:
        console.print(text, markup=False)

    return say


def _recorded(report: Report, limits: Path, say: Callable[[str], None]) -> bool:
    """Record what the report uses; what does not conform is not recorded. Returns whether all conforms."""
    now = ratchet.recorded(report, ratchet.read(limits) if limits.exists() else None)
    ratchet.write(limits, now)
    say(f"Budget use of {ratchet.count(now)} checks is recorded in {limits}.")
    return _conforms(report, say)


def _held(report: Report, limits: Path, say: Callable[[str], None]) -> bool:
    """Whether the report stays within what is recorded; where not, how far it is from that."""
    known = ratchet.read(limits)
    slips = ratchet.slips(report, known)
    if slips:
        say(f"Budget use past what is recorded in {limits} ({len(slips)})")
        for where in dict.fromkeys(slip.where for slip in slips):
            say(
                "\n".join(
                    [
                        f"  {clean(where)}",
                        *(f"    {clean(f'{slip.what}: {slip.sentence}')}" for slip in slips if slip.where == where),
                    ]
                )
            )
        say("If that is meant, --record records it.")
    elif passed := sum(line["outcome"] == "passed" for line in report.verdicts):
        say(f"All {passed} checks that pass stay within what is recorded in {limits}.")
    if less := ratchet.loose(report, known):
        say(f"{less} of them use far less than that by now; --record tightens it.")
    return _conforms(report, say) and not slips


def _conforms(report: Report, say: Callable[[str], None]) -> bool:
    if wrong := ratchet.failures(report):
        say(f"{wrong} check{'s do' if wrong > 1 else ' does'} not conform.")
    return not wrong
