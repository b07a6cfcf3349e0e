"""`conformance vectors`: make test vectors, run them on targets, and turn failures into new ones."""

from __future__ import annotations

import difflib
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from conformance.reports import terminal
from conformance.targets import Target, UnknownChoice, UnusableTarget, expand
from conformance.vectors import storage
from conformance.vectors.check import check
from conformance.vectors.export import export
from conformance.vectors.promote import BadReport, promote
from conformance.vectors.vector import BadVectors
from conformance.verdicts import conforms, was_run
from reference.specification import Spec, catalogue

CONFORMS, DIFFERS, COULD_NOT_RUN = 0, 1, 2
_FRAMEWORKS = {"tf": "tensorflow", "tensorflow": "tensorflow", "torch": "torch", "numpy": "numpy"}

app = typer.Typer(help="Test vectors for every language: make them, check them, add failures to them.", no_args_is_help=True)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")],
    spec: Annotated[list[str] | None, typer.Option("--spec", help="A specification; all by default.", metavar="NAME")] = None,
) -> None:
    """Write a file for every specification and dtype: small cases that find every catalogued mistake."""
    try:
        for path, file in export(_specs(spec), folder):
            _out.print(f"{path}: {len(file.vectors)} cases, {len(file.kills)} mistakes found", markup=False, soft_wrap=True)
    except (BadVectors, UnknownChoice) as error:
        _stop(str(error))


@app.command("check")
def check_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Vector files.")],
    target: Annotated[
        list[str] | None, typer.Option("--target", help="A module's name or a path; the reference by default.", metavar="MODULE")
    ] = None,
    framework: Annotated[
        str | None,
        typer.Option("--framework", help="tf, torch or numpy; read from the target's imports by default.", metavar="NAME"),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.", metavar="DEVICE")] = "cpu",
    mode: Annotated[str, typer.Option(help="eager or compiled.", metavar="MODE")] = "eager",
    seconds: Annotated[
        float, typer.Option("--timeout", min=0.01, max=86400, help="Seconds a target may take for one case.", metavar="SECONDS")
    ] = 20.0,
) -> None:
    """Run vector files on targets and compare with the answers that the files give."""
    started = time.perf_counter()
    try:
        read = [storage.load(path) for path in files]
        verdicts = list(check(read, _targets(target, framework, device, mode, [file.dtype for file in read]), seconds))
    except (BadVectors, UnknownChoice, UnusableTarget) as error:
        _stop(str(error))
    _out.print(terminal.summary(verdicts, time.perf_counter() - started), crop=False)
    if not conforms(verdicts):
        raise typer.Exit(DIFFERS)
    if not was_run(verdicts):
        raise typer.Exit(COULD_NOT_RUN)


@app.command("promote")
def promote_command(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report.jsonl of `conformance verify --report`.")],
    into: Annotated[Path, typer.Option(help="Folder of the vector files.", metavar="DIR")] = Path("tests/vectors"),
) -> None:
    """Add the failures of a report to the vector files, each once."""
    try:
        for one in promote(report, into):
            said = "added" if one.new else "was there"
            _out.print(f"{one.path}: {one.case.id} {said}", markup=False, soft_wrap=True)
    except (BadReport, BadVectors) as error:
        _stop(str(error))


def _specs(names: list[str] | None) -> tuple[Spec, ...]:
    known = catalogue()
    for name in names or ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`conformance list` shows them all"
            raise UnknownChoice(f"spec: expected the name of a specification, got {name!r}; {hint}")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def _targets(modules: list[str] | None, framework: str | None, device: str, mode: str, dtypes: list[str]) -> list[Target]:
    """None, which stands for the reference, if no module is named."""
    if framework is not None and framework not in _FRAMEWORKS:
        raise UnknownChoice(f"framework: expected tf, torch or numpy; got {framework!r}")
    if not modules:
        return []
    found = expand(modules, (device,), tuple(dict.fromkeys(dtypes)), (mode,))
    return [target if framework is None else replace(target, framework=_FRAMEWORKS[framework]) for target in found]


def _stop(message: str) -> NoReturn:
    _err.print(message, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(COULD_NOT_RUN)
