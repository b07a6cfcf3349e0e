"""The progress bar of a command: on standard error, gone when it is done, and not shown to what is no terminal."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rate(ProgressColumn):
    """How many a minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed * 60:.0f}/min" if task.speed else "", style="dim")


def progress_bar(width: int, rate: bool = False) -> Progress:
    """A description of so many characters, how many of how many, the time, or with `rate` how many a minute, and what is left."""
    # Standard error, taken now: while targets run, sys.stderr is held back.
    console = Console(file=typer.get_text_stream("stderr"), highlight=False)
    description = TextColumn(f"{{task.description:<{width}}}", markup=False)
    pace = _Rate() if rate else TimeElapsedColumn()
    columns = (description, BarColumn(), MofNCompleteColumn(), pace, TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
