"""`conformance badge`: the verdict of a report as a picture for a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.process import DIFFERS, out, stop
from conformance.files import write_atomically
from conformance.reports.badge import badge
from conformance.reports.jsonl import read_report


def badge_command(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="What `verify --report` or `merge` wrote.")],
    to: Annotated[Path, typer.Argument(metavar="FILE.svg", help="Where the picture is written.")],
) -> None:
    """Draw a badge (SVG) that says how many checks conform. Exit code 1 if something does not; the badge is written then too."""
    content = read_report(report)
    try:
        write_atomically(to, badge(content))
    except OSError as error:
        stop(f"badge: cannot write to {str(to)!r}: {error.strerror}")
    out.print(f"Written to {to}.", markup=False, soft_wrap=True)
    if not content.footer["conforms"]:
        raise typer.Exit(DIFFERS)
