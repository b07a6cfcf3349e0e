"""The command line run in this process, targets too, and what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from conformance.cli import app


def conformance(*words: str) -> Result:
    # Another test may have loaded a framework into this process, and then targets are asked in it, whatever is said.
    here = ("--jobs", "0") if words[:1] == ("verify",) and "--jobs" not in words else ()
    result = CliRunner().invoke(app, [*words, *here])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*words: str) -> str:
    """The one line with which a command that cannot run ends."""
    result = conformance(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def report(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
