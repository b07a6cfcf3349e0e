"""`conformance gradescope`: the autograder that a teacher uploads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.assignment import FileArgument, ForceOption, loaded
from conformance.commands.process import stop
from conformance.files import write_bytes_atomically

app = typer.Typer(help="Gradescope: build an autograder.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `build` a command of its own while it is the only one."""


@app.command("build")
def build_command(
    assignment: FileArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The zip to write.")] = Path("autograder.zip"),
    seed_file: Annotated[
        Path | None, typer.Option("--seed-file", metavar="FILE", help="The secret of the course; a fresh one by default.")
    ] = None,
    wheels: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Wheels to put in, for an image that is built without an index.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write autograder.zip: setup.sh, run_autograder and everything they need."""
    given, text = loaded(assignment)
    from conformance.grading.assignment.secret_seed import read_secret
    from conformance.grading.publish.autograder_bundles import gradescope_bundle, wheels_in

    if out.is_dir():
        stop(f"out: expected the name of a file, got the folder {os.fspath(out)!r}")
    if out.exists() and not force:
        stop(f"out: expected a new file, found {os.fspath(out)!r}; --force replaces it")
    seed = None if seed_file is None else read_secret(seed_file)
    content = gradescope_bundle(given, text, seed, None if wheels is None else _wheels(wheels, wheels_in))
    try:
        write_bytes_atomically(out, content)
    except OSError as error:  # its file name is that of a temporary file
        stop(f"out: cannot write {os.fspath(out)!r}: {error.strerror}")
    typer.echo(f"wrote {out} ({len(content) / 1024:.0f} KiB); it holds the secret of the course, so keep it from students")


def _wheels(folder: Path, wheels_in: Callable[[Path], dict[str, bytes]]) -> dict[str, bytes]:
    if not folder.is_dir():
        stop(f"wheels: expected a folder, got {os.fspath(folder)!r}")
    try:
        files = wheels_in(folder)
    except OSError as error:
        stop(f"wheels: {error.filename}: {error.strerror}")
    if not files:
        stop(f"wheels: expected files that end with .whl in {os.fspath(folder)!r}, found none")
    return files
