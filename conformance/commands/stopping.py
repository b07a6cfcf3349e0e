"""How commands end: exit codes, and the one line that says why nothing could be run."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console

COULD_NOT_RUN, INTERRUPTED = 2, 130


def stop(message: str) -> NoReturn:
    """Say why, and end with exit code 2."""
    Console(stderr=True, highlight=False).print(message, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(COULD_NOT_RUN)
