"""The command line: one line a command; each lives in a file of its own in `conformance.commands`.

Exit codes: 0 all conform, 1 something does not, 2 it could not run, 130 interrupted, 141 nobody reads its output any more.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

import conformance.derivation.catalogue  # noqa: F401  (fills the catalogue)
from conformance.commands import assignment, gradescope, programs, vectors
from conformance.commands.audit import audit_command
from conformance.commands.badge import badge_command
from conformance.commands.check import check_command
from conformance.commands.claims import claims_command
from conformance.commands.compare import compare_command
from conformance.commands.diff import diff_command
from conformance.commands.doctor import doctor_command
from conformance.commands.explain import explain_command
from conformance.commands.grade import grade_command
from conformance.commands.list import list_command
from conformance.commands.merge import merge_command
from conformance.commands.process import Commands, out
from conformance.commands.replay import replay_command
from conformance.commands.reproduce import reproduce_command
from conformance.commands.table import table_command
from conformance.commands.verify import verify_command
from conformance.targets import environment

app = typer.Typer(
    name="conformance",
    cls=Commands,
    help="Does an implementation compute what the reference says? Values, gradients, activations and training steps.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("verify")(verify_command)
app.command("table")(table_command)
app.command("compare")(compare_command)
app.command("merge")(merge_command)
app.command("badge")(badge_command)
app.command("list")(list_command)
app.command("explain")(explain_command)
app.command("reproduce")(reproduce_command)
app.command("doctor")(doctor_command)
app.command("audit")(audit_command)
app.command("claims")(claims_command)
app.add_typer(assignment.app, name="assignment")
app.add_typer(gradescope.app, name="gradescope")
app.command("grade")(grade_command)
app.command("check")(check_command)
app.command("replay")(replay_command)
app.command("diff")(diff_command)
app.add_typer(vectors.app, name="vectors")
app.add_typer(programs.app, name="programs")


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"conformance {environment.own_version()}", markup=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None: ...


def main() -> None:
    """Run the command that the arguments name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a stream that cannot write ✓ writes its number
    app(prog_name="conformance")
