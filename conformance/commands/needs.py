"""What the commands for teachers share: grading is an optional part of the project, and every error is one line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NoReturn

import typer

COULD_NOT_RUN = 2
_PACKAGES = ("pydantic", "nbformat", "jinja2")


def stop(message: str) -> NoReturn:
    """End the command with the message on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(COULD_NOT_RUN)


@contextlib.contextmanager
def grading() -> Iterator[None]:
    """Around imports of `conformance.grading`: what is not installed is said in one line, with how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        stop(f"grading: expected {error.name} to be installed, found none; pip install 'autoencoder-conformance[grading]'")
