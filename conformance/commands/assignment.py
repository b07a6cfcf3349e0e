"""`conformance assignment`: write an assignment with its starter files, check one, make files for GitHub Classroom."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conformance.commands.process import stop
from conformance.errors import InvalidAssignment
from conformance.files import write_bytes_atomically
from conformance.respondent.frameworks import spellings

if TYPE_CHECKING:
    from conformance.grading.assignment.assignment import Assignment

app = typer.Typer(help="Assignments: write one, check one, publish one.", no_args_is_help=True)
_NAME = re.compile(r"\w[\w.-]{0,79}")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="An assignment file, or the name of a shipped one.")]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]


@app.command("new")
def new_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the assignment; lecture06 is shipped and covers everything.")],
    framework: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the starter files: torch, tensorflow (or tf) or numpy.")
    ] = None,
    out: OutOption = Path(),
    force: ForceOption = False,
) -> None:
    """Write NAME.toml, and submission.py and submission.ipynb for students to start from."""
    from conformance.grading.assignment.assignment import FRAMEWORK_NAMES, shipped
    from conformance.grading.assignment.assignment_file import parse
    from conformance.grading.publish import starter_files

    if not _NAME.fullmatch(name):
        stop(f"name: expected letters, digits, '.', '_' and '-', got {name!r}")
    if framework is not None and framework not in spellings():
        stop(f"framework: expected one of {', '.join(FRAMEWORK_NAMES)}; got {framework!r}")
    template = shipped(name) or shipped("lecture06")
    assert template is not None, "lecture06 is shipped"
    text = template.read_text(encoding="utf-8")
    if template.stem != name:
        text = re.sub(r'(?m)^title = ".*"$', f'title = "{name}"', text, count=1)
    assignment = parse(text, f"{name}.toml")
    chosen = assignment.frameworks[0] if framework is None else spellings()[framework]
    files = {
        f"{name}.toml": text,
        "submission.py": starter_files.source(assignment, chosen),
        "submission.ipynb": starter_files.notebook(assignment, chosen),
    }
    _write_all(out, {path: content.encode() for path, content in files.items()}, force)


@app.command("check")
def check_command(file: FileArgument) -> None:
    """Say whether an assignment file is right, and what it is worth."""
    assignment, _ = loaded(file)
    typer.echo(f"{assignment.title}\n{', '.join(assignment.frameworks)}; {', '.join(assignment.dtypes)}; {assignment.language}\n")
    for name, asked in assignment.specs.items():
        parts = ", ".join(f"{part}{'' if part in asked.public else '*'} {points:g}" for part, points in asked.points.items())
        typer.echo(f"{name:<24}{asked.total:>6g}  {parts}")
    typer.echo(f"{'total':<24}{assignment.total:>6g}  * hidden from students until {assignment.shown.hidden}")


@app.command("classroom")
def classroom_command(
    file: FileArgument,
    submission: Annotated[str, typer.Option(metavar="PATH", help="Where students put their work.")] = "submission.py",
    out: OutOption = Path(),
    force: ForceOption = False,
) -> None:
    """Write the files that make a GitHub Classroom repository check itself on every push."""
    from conformance.grading.publish.autograder_bundles import classroom_files

    assignment, text = loaded(file)
    files = classroom_files(assignment, text, submission)
    _write_all(out, files, force)


def loaded(file: Path) -> tuple[Assignment, str]:
    """The assignment of a file, or of a shipped name, and the text of its file; or end the command."""
    from conformance.grading.assignment.assignment import shipped, shipped_names
    from conformance.grading.assignment.assignment_file import load

    known = shipped(str(file))
    path = known if known is not None and not file.exists() else file
    try:
        return load(path), path.read_text(encoding="utf-8-sig")
    except InvalidAssignment as error:
        if not isinstance(error.__cause__, OSError):
            raise
        hint = f"; {', '.join(shipped_names())} is shipped" if file.parent == Path() and not file.exists() else ""
        stop(f"assignment: {os.fspath(path)!r} cannot be read: {error.__cause__.strerror}{hint}")


def _write_all(out: Path, files: dict[str, bytes], force: bool) -> None:
    """Write all files or, if one is there already, none."""
    there = [path for path in files if (out / path).exists() or (out / path).is_symlink()]
    if there and not force:
        them = "it" if len(there) == 1 else "them"
        stop(f"out: expected a folder without {', '.join(there)}, found {them} in {os.fspath(out)!r}; --force replaces {them}")
    try:
        for path, content in files.items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomically(out / path, content)
            typer.echo(f"wrote {out / path}")
    except OSError as error:
        stop(f"out: cannot write to {os.fspath(out)!r}: {error.strerror}")
