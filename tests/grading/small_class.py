"""A small class in a folder of its own, and the command line in this process."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from conformance.cli import app
from tests.grading.in_process_workers import RIGHT

WRONG = RIGHT.replace("0.5 * (mean", "(mean", 1)
# What walls cost has no part in what the commands do; test_attacks.py and test_class_under_attack.py are about them.
OPEN = ("--isolation", "process")
WITH = ("--assignment", "a.toml")
ASSIGNMENT = """
title = "Lecture"
cases = 8
[specs.vae_kl_loss]
points = { value = 2, gradient = 1, edges = 1 }
public = ["value"]
"""
FILES = {
    "a.toml": ASSIGNMENT,
    "private.toml": ASSIGNMENT.replace('public = ["value"]', ""),
    "wrong.toml": ASSIGNMENT.replace("value = 2", "value = -2"),
    "torch.toml": ASSIGNMENT.replace("cases", 'frameworks = ["torch"]\ncases'),
    "class/ann.py": RIGHT,
    "class/bob.py": WRONG,
    "none.py": "x = 1\n",
    "syntax.py": "def f(:\n",
    "raises.py": "raise RuntimeError('first\\nsecond')\n",
    "latin.py": b"\xff",
    "file": "text",
    "nothing": "",
    "secret": "secret of the course",
}


def write_small_class(folder: Path) -> None:
    """Write the class, assignments, and files that are none."""
    (folder / "empty").mkdir()
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def conformance(*words: str) -> Result:
    """Run a command; an exception that is no exit is a failure of the test."""
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*words: str) -> str:
    """The one line that a command says that could not be run."""
    result = conformance(*words)
    assert (result.exit_code, result.stdout) == (2, ""), result.stdout
    (line,) = result.stderr.splitlines()
    return line


def descendants(process: int) -> list[int]:
    """The processes that a process of the test has started."""
    results = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            results += [int(child), *descendants(int(child))]
    return results


def runs(process: int) -> bool:
    """Whether it is there, and more than what is left of one until somebody asks how it ended."""
    try:
        return (Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]) != "Z"
    except OSError:
        return False
