"""What the commands for teachers share: grading is an optional part of the project."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from conformance.commands.process import stop

_PACKAGES = ("pydantic", "nbformat", "jinja2")


@contextlib.contextmanager
def grading() -> Iterator[None]:
    """Around imports of `conformance.grading`: what is not installed is said in one line, with how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        stop(f"grading: expected {error.name} to be installed, found none; pip install 'autoencoder-conformance[grading]'")
