"""`conformance gradescope`: the autograder that a teacher uploads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.assignment import FileArgument, ForceOption, loaded
from conformance.commands.needs import grading
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
    with grading():
        from conformance.grading.course import read_secret
        from conformance.grading.export import gradescope_bundle, wheels_in
    if out.exists() and not force:
        stop(f"out: expected a new file, found {os.fspath(out)!r}; --force replaces it")
    try:
        seed = None if seed_file is None else read_secret(seed_file)
        if wheels is not None and not wheels.is_dir():
            stop(f"wheels: expected a folder, got {os.fspath(wheels)!r}")
        content = gradescope_bundle(given, text, seed, wheels_in(wheels) if wheels else None)
        write_bytes_atomically(out, content)
    except OSError as error:
        stop(f"gradescope: {error.filename}: {error.strerror}")
    except ValueError as error:
        stop(str(error))
    typer.echo(f"wrote {out} ({len(content) / 1024:.0f} KiB); it holds the secret of the course, so keep it from students")
