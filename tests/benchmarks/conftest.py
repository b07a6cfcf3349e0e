"""The table of ratios: printed when all benchmarks are through, and written as a page where `--ratios FILE` asks for it. No logic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.page import page
from tests.benchmarks.side_by_side import TITLE, Row
from tests.slowest import with_chapter

_ROWS = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("conformance").addoption("--ratios", metavar="FILE", help="write the table of ratios there, as Markdown")


@pytest.fixture
def table(request: pytest.FixtureRequest) -> list[Row] | None:
    """Rows to be printed at the end. None beside other tests, whose processes would be timed too: then nothing is timed."""
    beside_others = hasattr(request.config, "workerinput") or request.config.getoption("benchmark_disable", False)
    return None if beside_others else request.config.stash.setdefault(_ROWS, [])


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """Where it is timed; the CPU if nothing is said."""
    return (request.config.getoption("--device") or ["cpu"])[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(_ROWS, [])
    for line in (TITLE, *map(str, rows)) if rows else ():
        terminalreporter.write_line(line)
    file = config.getoption("--ratios", None)
    if rows and file:
        path = Path(file)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(with_chapter(before, page(rows, config.getoption("--device") or ["cpu"])), encoding="utf-8")
