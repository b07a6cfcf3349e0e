"""The badge says in words, and in a picture that stands alone, what a report comes to."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.reports.badge import badge, verdict
from tests.harness.running import conformance, refused
from tests.harness.written_reports import held, written
from tests.harness.written_reports import verdict as line

FAILED, NOT_RUN = line(outcome="failed", budget_used=2.0), line(outcome="not run", budget_used=None)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([line(), line(quantity="gradient")], "all 2 checks conform"),
        ([line(), NOT_RUN], "1 check conforms"),
        ([line(), FAILED, line(outcome="errored", budget_used=None)], "2 of 3 checks fail"),
        ([NOT_RUN, line(outcome="unsupported", budget_used=None)], "nothing was run"),
        ([], "nothing was run"),
    ],
)
def test_the_badge_says_the_verdict(lines: list[dict], words: str) -> None:
    """Failures, success, and that nothing was run differ in words and in colour; a reader of screens is told the same."""
    picture = ET.fromstring(badge(held(*lines)))
    assert picture.get("aria-label") == f"conformance: {words}"
    assert [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")] == ["conformance", words]


def test_colours_differ() -> None:
    """A failure is no shade of success."""
    assert len({verdict(held(*lines))[1] for lines in ([line()], [FAILED], [NOT_RUN])}) == 3


def test_the_command(tmp_path: Path) -> None:
    """It is written whatever the verdict; the exit code says that; nothing is fetched from anywhere."""
    good, bad = written(tmp_path / "good", line()), written(tmp_path / "bad", FAILED)
    picture = tmp_path / "badge.svg"
    for report, code in ((good, 0), (bad, 1)):
        assert conformance("badge", str(report), str(picture)).exit_code == code
        assert picture.read_text().startswith("<svg ")
        assert "href" not in picture.read_text()
    assert "badge: cannot write" in refused("badge", str(good), str(tmp_path / "no" / "badge.svg"))
    assert "expected report.jsonl" in refused("badge", str(tmp_path), str(picture))
