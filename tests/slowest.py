"""What every test costs in seconds of the processor, and the twenty that cost most as a chapter of a page: `pytest --slowest FILE`.

Seconds of the clock would tell what else the machine does. What a test starts and waits for is counted; its cases are counted together,
as the marker `slow` is given to all of them.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_TITLE = "# The slowest tests"
_SHOWN = 20
# A test that takes longer is marked `slow`.
LIMIT = 1.0
_PROPERTY = "processor"


def spent() -> float:
    """Seconds of the processor that this process and what it has waited for have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@dataclass
class Cost:
    """Of all cases of one test."""

    seconds: float = 0.0
    cases: set[str] = field(default_factory=set)
    slow: bool = False


class Bookkeeper:
    """Counts from report to report: a worker measures, and whoever prints adds up."""

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}
        self._before, self._started = spent(), time.perf_counter()

    def pytest_runtest_logstart(self) -> None:
        self._before = spent()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        report = yield
        now = spent()
        report.user_properties.append((_PROPERTY, [now - self._before, item.get_closest_marker("slow") is not None]))
        self._before = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for seconds, slow in (value for name, value in report.user_properties if name == _PROPERTY):
            cost = self.costs.setdefault(report.nodeid.partition("[")[0], Cost())
            cost.seconds += seconds
            cost.cases.add(report.nodeid)
            cost.slow = slow

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        unmarked = {name: cost for name, cost in self.costs.items() if cost.seconds > LIMIT and not cost.slow}
        for name, cost in sorted(unmarked.items(), key=lambda entry: -entry[1].seconds):
            terminalreporter.write_line(f"not marked slow: {cost.seconds:.1f} s {name}")
        if self.costs:
            file = Path(config.getoption("--slowest"))
            before = file.read_text(encoding="utf-8") if file.exists() else ""
            file.write_text(with_chapter(before, chapter(self.costs, time.perf_counter() - self._started)), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option; nothing is measured without it."""
    parser.getgroup("conformance").addoption("--slowest", metavar="FILE", help="write the slowest tests there, as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    """In the workers of xdist too."""
    if config.getoption("--slowest"):
        config.pluginmanager.register(Bookkeeper(), "bookkeeper")


def chapter(costs: Mapping[str, Cost], seconds: float) -> str:
    """The table with all that a reader has to know of it."""
    slowest = sorted(costs.items(), key=lambda entry: -entry[1].seconds)[:_SHOWN]
    homes: dict[str, float] = {}
    for name, cost in costs.items():
        home = "/".join(name.partition("::")[0].split("/")[:2]) if name.startswith("tests/") else "doctests"
        homes[home] = homes.get(home, 0.0) + cost.seconds
    inner = sum(cost.seconds for cost in costs.values() if not cost.slow)
    return "\n".join(
        [
            _TITLE,
            "",
            f"Written by `pytest --slowest docs/performance.md` on {time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores, load "
            f"{os.getloadavg()[1]:.1f}, {seconds:.0f} s by the clock.",
            "",
            "Seconds of the processor, with what a test starts and waits for, all cases of a test together; what is imported while tests are",
            f"collected is not among them. {sum(len(cost.cases) for cost in costs.values())} cases take "
            f"{sum(cost.seconds for cost in costs.values()):.0f} s, those that are not marked `slow` {inner:.0f} s.",
            "",
            "| test | cases | seconds |",
            "|---|---:|---:|",
            *(f"| `{name}` | {len(cost.cases)} | {cost.seconds:.1f} |" for name, cost in slowest),
            "",
            "| folder | seconds |",
            "|---|---:|",
            *(f"| {home} | {total:.0f} |" for home, total in sorted(homes.items(), key=lambda entry: -entry[1])),
            "",
        ]
    )


def with_chapter(page: str, written: str) -> str:
    """The page with the chapter in the place of the one of its title, or at the end."""
    title = written.partition("\n")[0]
    chapters = [part.strip("\n") for part in re.split(r"(?m)^(?=# )", page) if part.strip()]
    places = [place for place, part in enumerate(chapters) if part.partition("\n")[0] == title]
    chapters[places[0] if places else len(chapters) :] = [
        written.strip("\n"),
        *(chapters[places[0] + 1 :] if places else ()),
    ]
    return "\n\n".join(chapters) + "\n"
