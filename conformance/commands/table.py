"""`conformance table`: the reports of several runs as one Markdown page."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.process import DIFFERS, out, stop
from conformance.files import write_atomically
from conformance.reports.conformance_table import conformance_table
from conformance.reports.jsonl import read_report


def table_command(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT…", help="Folders that `verify --report` wrote.")],
    to: Annotated[Path | None, typer.Option("--out", help="Write the page there, as Markdown.", metavar="FILE")] = None,
) -> None:
    """Put reports of `verify` side by side: specifications by targets, dtypes and modes. Exit code 1 if something does not conform."""
    read_reports = [read_report(folder) for folder in reports]
    text = conformance_table(read_reports, _command(reports, to))
    if to is None:
        typer.echo(text.rstrip("\n"))
    else:
        try:
            write_atomically(to, text)
        except OSError as error:
            stop(f"out: cannot write to {str(to)!r}: {error.strerror}")
        out.print(f"Written to {to}.", markup=False, soft_wrap=True)
    if not all(report.footer["conforms"] for report in read_reports):
        raise typer.Exit(DIFFERS)


def _command(reports: list[Path], to: Path | None) -> str:
    """The command as the page shows it, without folders of this machine."""
    words = ["" if path is None else path.name if path.is_absolute() else path.as_posix() for path in (*reports, to)]
    *folders, file = map(shlex.quote, words)
    return " ".join(["conformance table", *folders, *([] if to is None else ["--out", file])])
