"""`conformance vectors`: make test vectors, run them on targets, and turn failures into new ones."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from conformance.commands.kept_counterexamples import keep_counterexample
from conformance.commands.options import FrameworkOption, OneDeviceOption, OneModeOption, SpecOption, TimeoutOption, chosen_specs
from conformance.commands.process import COULD_NOT_RUN, DIFFERS, INTERRUPTED, err, out
from conformance.errors import UnknownChoice
from conformance.judging.plan import SECONDS
from conformance.judging.verdicts import Verdict, conforms, was_run
from conformance.reports import terminal
from conformance.targets.target import expand
from conformance.vectors import storage
from conformance.vectors.check import check
from conformance.vectors.export import export
from conformance.vectors.promote import promote
from conformance.workers.imports import breakage_apart
from conformance.workers.seats import seated
from reference.specification import catalogue

app = typer.Typer(help="Test vectors for every language: make them, check them, add failures to them.", no_args_is_help=True)


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")],
    spec: SpecOption = None,
) -> None:
    """Write a file for every specification and dtype: small cases that find every catalogued mistake.

    Files of the same names are replaced; the cases that were promoted to them stay. It takes a minute or two.
    """
    written = 0
    try:
        for path, file in export(chosen_specs(spec), folder):
            written += 1
            out.print(f"{path}: {len(file.vectors)} cases, {len(file.kills)} mistakes found", markup=False, soft_wrap=True)
    except KeyboardInterrupt:
        _interrupted(f"{written} files; they are whole")


@app.command("check")
def check_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Vector files.")],
    target: Annotated[
        list[str] | None, typer.Option("--target", help="A module's name or a path; the reference by default.", metavar="MODULE")
    ] = None,
    framework: FrameworkOption = None,
    device: OneDeviceOption = "cpu",
    mode: OneModeOption = "eager",
    seconds: TimeoutOption = SECONDS,
) -> None:
    """Run vector files on targets and compare with the answers that the files give."""
    started = time.perf_counter()
    verdicts: list[Verdict] = []
    keeping = True
    try:
        if not target and (device, mode) != ("cpu", "eager"):
            raise UnknownChoice(f"target: expected one to run on {device} in {mode} mode; the reference runs on the cpu, eagerly")
        read = [storage.load(path) for path in files]
        dtypes = tuple(dict.fromkeys(file.dtype for file in read))
        # No target stands for the reference, which needs no module's name; a framework without one is refused.
        targets = list(expand(target or (), (device,), dtypes, (mode,), framework, breakage_apart)) if target or framework else []
        with seated(targets, [catalogue()[file.spec] for file in read], seconds) as seats:
            for verdict in check(read, targets, seconds, seats):
                verdicts.append(verdict)
                keeping = keeping and keep_counterexample(verdict)
    except KeyboardInterrupt:
        _interrupted(f"{len(verdicts)} verdicts")
    out.print(terminal.summary(verdicts, time.perf_counter() - started), crop=False)
    if not conforms(verdicts):
        raise typer.Exit(DIFFERS)
    if not was_run(verdicts):
        raise typer.Exit(COULD_NOT_RUN)


@app.command("promote")
def promote_command(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A report.jsonl of `conformance verify --report`, or its folder.")
    ],
    into: Annotated[Path, typer.Option(help="Folder of the vector files.", metavar="DIR")] = Path("tests/vectors"),
) -> None:
    """Add the failures of a report to the vector files, each once."""
    count = 0
    try:
        for promoted in promote(report, into):
            count += 1
            outcome = "added" if promoted.new else "was there"
            out.print(f"{promoted.path}: {promoted.case.id} {outcome}", markup=False, soft_wrap=True)
    except KeyboardInterrupt:
        _interrupted(f"{count} cases")
    if not count:
        out.print(f"{report}: no failure in it has a case, so nothing was added.", markup=False, soft_wrap=True)


def _interrupted(done: str) -> NoReturn:
    err.print(f"Interrupted after {done}.", markup=False, soft_wrap=True)
    raise typer.Exit(INTERRUPTED) from None
