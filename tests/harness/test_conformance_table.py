"""Reports side by side as a Markdown page: every cell the largest use, no failure hidden, nothing mixed that does not go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.errors import UnreadableReport
from conformance.reports.conformance_table import _cell, conformance_table
from conformance.reports.jsonl import FINISHED, UNFINISHED, read_report
from conformance.reports.result_table import budget_number
from tests.harness.written_reports import HEADER, verdict, written


def _cells(text: str, spec: str) -> list[str]:
    row = next(line for line in text.splitlines() if line.startswith(f"| `{spec}`"))
    return [cell.strip() for cell in row.split("|")[2:-1]]


def test_a_number_is_written_as_verify_writes_it() -> None:
    """Two digits behind the point tell nothing of what is a million times too large."""
    assert [budget_number(used) for used in (0.0, 0.126, 999.0, 2.0**48)] == ["=", "0.13", "999.00", "3e+14"]
    assert _cell([{"outcome": "failed", "budget_used": 2.0**48}]) == "✗ 3e+14"


def test_a_cell_is_the_largest_use_of_all_quantities_and_reports(tmp_path: Path) -> None:
    """Reports of several runs meet in one table, a column for every target, dtype and mode, and the largest of each below."""
    eager = written(tmp_path / "a", verdict(), verdict(quantity="gradient", budget_used=0.5), verdict(spec="exact", budget_used=0))
    compiled = written(tmp_path / "b", verdict(mode="compiled", budget_used=0.75), verdict(dtype="float64", budget_used=0.125))
    text = conformance_table([read_report(eager), read_report(compiled)], "the command")
    assert "| mine<br>float32<br>compiled | mine<br>float32<br>eager | mine<br>float64<br>eager |" in text
    assert _cells(text, "vae_kl_loss") == ["0.75", "0.50", "0.12"]
    assert _cells(text, "exact") == ["", "=", ""]
    assert "| **largest** | **0.75** | **0.50** | **0.12** |" in text
    assert "`the command`" in text
    assert "torch 2.13" in text
    assert "2030-01-02" in text
    assert "**All 5 checks conform**, in 50 cases." in text
    assert "mine, eager: seed 3, 30 cases, 2 s." in text


def test_no_failure_is_hidden(tmp_path: Path) -> None:
    """A failing quantity marks its cell and the sentence below, whatever the others used; one without measure too."""
    bad = [
        verdict(budget_used=0.9),
        verdict(quantity="gradient", outcome="failed", budget_used=3.0),
        verdict(spec="crashing", outcome="errored", budget_used=None),
        verdict(spec="absent", outcome="unsupported", budget_used=None),
        verdict(device="cuda", outcome="not run", budget_used=None, reason="no CUDA"),
    ]
    text = conformance_table([read_report(written(tmp_path / "a", *bad))], "x")
    assert (_cells(text, "vae_kl_loss"), _cells(text, "crashing"), _cells(text, "absent")) == (["✗ 3.00"], ["✗"], ["–"])
    assert "**2 of 3 checks do not conform**" in text
    assert "Not run: mine on cuda: no CUDA." in text


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    """Numbers of two versions in one table would mean nothing; an empty one neither."""
    first, other = written(tmp_path / "a", verdict()), written(tmp_path / "b", verdict(), versions={"torch": "2.14"})
    with pytest.raises(UnreadableReport, match=r"expected torch 2\.13 as in the first report, got 2\.14"):
        conformance_table([read_report(first), read_report(other)], "x")
    with pytest.raises(UnreadableReport, match="nothing"):
        conformance_table([read_report(written(tmp_path / "c", verdict(outcome="not run")))], "x")


@pytest.mark.parametrize("content", ["", "{}", "[]", "no json", json.dumps(HEADER), json.dumps(HEADER) + "\n" + json.dumps(HEADER)])
def test_a_damaged_report_is_refused(tmp_path: Path, content: str) -> None:
    """In one line, that names the file."""
    (tmp_path / FINISHED).write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableReport, match=FINISHED) as caught:
        read_report(tmp_path)
    assert "\n" not in str(caught.value)


def test_an_unfinished_report_is_no_report(tmp_path: Path) -> None:
    """The message tells an interrupted run from a wrong folder."""
    with pytest.raises(UnreadableReport, match="No such file"):
        read_report(tmp_path / "nowhere")
    (tmp_path / UNFINISHED).write_text(json.dumps(HEADER), encoding="utf-8")
    with pytest.raises(UnreadableReport, match="interrupted"):
        read_report(tmp_path)


def test_the_command(tmp_path: Path) -> None:
    """It prints or writes the page; its exit code says whether all conforms, and 2 that there was nothing to read."""
    good, bad = written(tmp_path / "good", verdict()), written(tmp_path / "bad", verdict(outcome="failed", budget_used=2.0))
    shown = CliRunner().invoke(app, ["table", str(good)])
    assert (shown.exit_code, "0.25" in shown.stdout, "`conformance table good`" in shown.stdout) == (0, True, True)
    file = tmp_path / "page.md"
    assert CliRunner().invoke(app, ["table", str(good), str(bad), "--out", str(file)]).exit_code == 1
    assert "✗ 2.00" in file.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["table", str(tmp_path)]).exit_code == 2
    assert CliRunner().invoke(app, ["table", str(good), "--out", str(tmp_path / "no" / "page.md")]).exit_code == 2
