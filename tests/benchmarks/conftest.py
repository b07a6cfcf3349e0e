"""The table of ratios, printed when all benchmarks are through. No logic."""

from __future__ import annotations

import pytest

from tests.benchmarks.side_by_side import TITLE, Row

_ROWS = pytest.StashKey[list[Row]]()


@pytest.fixture
def table(request: pytest.FixtureRequest) -> list[Row]:
    """Rows to be printed at the end."""
    return request.config.stash.setdefault(_ROWS, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(_ROWS, [])
    for line in (TITLE, *map(str, rows)) if rows else ():
        terminalreporter.write_line(line)
