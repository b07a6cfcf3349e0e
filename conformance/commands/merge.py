"""`conformance merge`: the reports of several machines as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.process import DIFFERS, out, stop
from conformance.reports.jsonl import read_report, write_report
from conformance.reports.merging import merge


def merge_command(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT…", help="What `verify --report` wrote on each machine.")],
    to: Annotated[Path, typer.Option("--out", help="Folder for the merged report.jsonl.", metavar="DIR")],
) -> None:
    """Make one report of several, as of a machine with a GPU and one without; `table` and `compare` read it like any other.

    Nothing is lost. Refused for other versions of the suite, other seeds, and a target that was asked the same twice. Exit code 1 if
    something does not conform.
    """
    if len(reports) < 2:
        stop(f"report: expected two reports or more, got {len(reports)}")
    if any(place.resolve() in (to.resolve(), to.resolve() / "report.jsonl") for place in reports):
        stop(f"out: expected another folder than those of the reports, got {str(to)!r}")
    merged = merge([read_report(place) for place in reports], [str(place) for place in reports])
    path = write_report(to, merged)
    out.print(f"{len(merged.verdicts)} verdicts of {len(reports)} reports are in {path}.", markup=False, soft_wrap=True)
    if not merged.footer["conforms"]:
        raise typer.Exit(DIFFERS)
