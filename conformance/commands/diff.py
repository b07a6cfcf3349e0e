"""`conformance diff`: two runs of grading, side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.process import DIFFERS


class Format(StrEnum):
    """How the comparison is written."""

    table = "table"
    csv = "csv"
    json = "json"


def diff_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of an earlier run.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of a later run.")],
    form: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.table,
) -> None:
    """Show whose grade changed between two runs, by how much and why. Exit code 1 if anything changed."""
    from conformance.grading.feedback import run_comparison
    from conformance.grading.grade_file import read_all

    changes = run_comparison.compare(read_all(old), read_all(new))
    writers = {Format.table: run_comparison.as_table, Format.csv: run_comparison.as_csv, Format.json: run_comparison.as_json}
    typer.echo(writers[form](changes).rstrip("\n"))
    if any(change.kind != "same" for change in changes):
        raise typer.Exit(DIFFERS)
