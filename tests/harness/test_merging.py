"""Several reports as one: nothing is lost, nothing counts twice, what does not go together is refused, and every reader reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UnreadableReport
from conformance.reports.jsonl import read_failures, read_report
from conformance.reports.merging import merge, parts
from tests.harness.running import conformance, refused
from tests.harness.samples import NASTY
from tests.harness.written_reports import held, verdict, written

CUDA = {"device": "cuda"}
NOT_RUN = {"outcome": "not run", "budget_used": None, "reason": "no CUDA"}
WRONG = {
    "outcome": "failed", "budget_used": 3.0, "reproduce": "conformance reproduce abc",
    "counterexample": {"id": "abc", "flags": [], "inputs": {}},
}  # fmt: skip


@pytest.fixture
def cpu(tmp_path: Path) -> Path:
    """A machine without a GPU."""
    return written(
        tmp_path / "cpu",
        verdict(),
        verdict(**CUDA, **NOT_RUN),
        verdict(spec="huber_loss"),
        versions={"torch": "2.13+cpu"},
        targets=["mine"],
    )


@pytest.fixture
def gpu(tmp_path: Path) -> Path:
    """One with a GPU, that was asked there alone."""
    header: dict[str, Any] = {"versions": {"torch": "2.13+cu", "keras": "3"}, "machine": "Linux, H100", "targets": ["mine"]}
    return written(tmp_path / "gpu", verdict(**CUDA, budget_used=0.5), verdict(spec="huber_loss", **CUDA, **WRONG), **header)


def test_nothing_is_lost(tmp_path: Path, cpu: Path, gpu: Path) -> None:
    """Each report can be had again from the merged one, also from one that was merged twice; what did not run counts once."""
    reports = [read_report(cpu), read_report(gpu)]
    more = held(verdict(mode="compiled"), verdict(mode="compiled", **NOT_RUN, **CUDA))
    more.footer.update(verdicts=2, conforms=True, seconds=1.5)
    merged = merge([merge(reports, ["cpu", "gpu"]), more], ["both", "more"])
    assert list(parts(merged)) == [*reports, more]
    assert [(line["spec"], line["device"], line["outcome"]) for line in merged.verdicts] == [
        ("vae_kl_loss", "cpu", "passed"),
        ("huber_loss", "cpu", "passed"),
        ("vae_kl_loss", "cuda", "passed"),
        ("huber_loss", "cuda", "failed"),
        ("vae_kl_loss", "cpu", "passed"),
        ("vae_kl_loss", "cuda", "not run"),
    ]
    assert (merged.footer["verdicts"], merged.footer["conforms"], merged.footer["seconds"]) == (6, False, 5.5)
    assert merged.footer["outcomes"] == {"passed": 4, "failed": 1, "errored": 0, "unsupported": 0, "not run": 1}
    assert merged.header["versions"] == {"torch": "2.13+cpu and 2.13+cu and 2.13", "keras": "3"}


def test_every_reader_reads_it(tmp_path: Path, cpu: Path, gpu: Path) -> None:
    """The table, a comparison, a ratchet, a badge, and whoever looks for counterexamples."""
    both = tmp_path / "both"
    result = conformance("merge", str(cpu), str(gpu), "--out", str(both))
    assert (result.exit_code, result.stdout.startswith("4 verdicts of 2 reports are in")) == (1, True)
    table = conformance("table", str(both))
    assert "| mine<br>cuda<br>float32<br>eager | mine<br>float32<br>eager |" in table.stdout
    assert "Not run" not in table.stdout
    assert "torch 2.13+cpu and 2.13+cu, keras 3; Linux; Linux, H100" in table.stdout
    compared = conformance("compare", str(cpu), str(both)).stdout
    assert "1 began to fail, 1 appeared, 2 as before." in compared
    assert conformance("compare", str(both), str(both)).exit_code == 0
    assert conformance("compare", str(both), "--ratchet", str(tmp_path / "r"), "--record").exit_code == 1
    assert conformance("badge", str(both), str(tmp_path / "b.svg")).exit_code == 1
    assert [line["counterexample"]["id"] for line in read_failures(both)] == ["abc"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"seed": 4}, "expected seed 3 in"),
        ({"version": "2"}, "expected version of conformance '1' in"),
        ({"suite": "other"}, "expected suite 'this' in"),
        ({"examples": 9}, "expected examples 8 in"),
        ({"images": "mnist"}, "expected images 'digits' in"),
    ],
)
def test_other_suites_are_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    """In one sentence that names both reports."""
    header = {"version": "1", "suite": "this", "examples": 8, "images": "digits"}
    first = written(tmp_path / "first", verdict(), **header)
    other = written(tmp_path / "other", verdict(**CUDA), **{**header, **changed})
    line = refused("merge", str(first), str(other), "--out", str(tmp_path / "both"))
    assert words in line
    assert "first" in line
    assert "other" in line
    assert not (tmp_path / "both").exists()


def test_the_same_target_twice_is_refused(tmp_path: Path, cpu: Path, gpu: Path) -> None:
    """Which of the two would count? A merged report too; what another part of the suite asked of it is no second time."""
    again = written(tmp_path / "again", verdict(budget_used=0.3))
    assert "expected every target once, got vae_kl_loss value, mine cpu float32 eager in" in refused(
        "merge", str(cpu), str(gpu), str(again), "--out", str(tmp_path / "x")
    )
    conformance("merge", str(cpu), str(gpu), "--out", str(tmp_path / "both"))
    assert "expected every target once" in refused("merge", str(tmp_path / "both"), str(again), "--out", str(tmp_path / "x"))
    rest = written(tmp_path / "rest", verdict(spec="l1_activity_loss"))
    assert conformance("merge", str(again), str(rest), "--out", str(tmp_path / "whole")).exit_code == 0
    theirs = [held(verdict(module=f"{name}/vae.py")) for name in ("kim", "lee")]
    for report in theirs:
        report.footer.update(conforms=True, seconds=1)
    assert len(merge(theirs, ["kim", "lee"]).verdicts) == 2


def test_what_cannot_be_merged(tmp_path: Path, cpu: Path, gpu: Path) -> None:
    """One report alone, a folder that is one of the reports, a place that cannot be written, no report."""
    assert "expected two reports or more, got 1" in refused("merge", str(cpu), "--out", str(tmp_path / "x"))
    for out in (cpu, gpu):
        assert "expected another folder" in refused("merge", str(cpu), str(gpu / "report.jsonl"), "--out", str(out))
    assert "cannot write" in refused("merge", str(cpu), str(gpu), "--out", str(cpu / "report.jsonl" / "x"))
    assert "expected report.jsonl" in refused("merge", str(cpu), str(tmp_path / "none"), "--out", str(tmp_path / "x"))


@pytest.mark.parametrize("spoilt", [{"parts": 3}, {"parts": [1]}, {"parts": []}, {"parts": [{"header": {}, "footer": {}, "apart": []}]},
                                    {"parts": [{"header": {}, "footer": {}, "apart": 1}]}])  # fmt: skip
def test_a_damaged_merged_report_is_refused(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    """By whoever asks for its parts, in one line."""
    place = written(tmp_path / "spoilt", verdict(part=0), **spoilt)
    assert "report: " in refused("table", str(place))
    with pytest.raises(UnreadableReport):
        parts(read_report(place))
    lines = (place / "report.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["parts"] == spoilt["parts"]


def test_names_that_are_none_stay_on_one_line(tmp_path: Path) -> None:
    """Whatever a target is called: of a refusal, of a ratchet and of a badge."""
    report = written(tmp_path / "report", verdict(target=NASTY, budget_used=0.9))
    line = refused("merge", str(report), str(report), "--out", str(tmp_path / "x"))
    assert "\x1b" not in line
    path = tmp_path / "ratchet.json"
    assert conformance("compare", str(report), "--ratchet", str(path), "--record").exit_code == 0
    held_to = json.loads(path.read_text())
    held_to["budget_used"] = {where: dict.fromkeys(own, 0.0) for where, own in held_to["budget_used"].items()}
    path.write_text(json.dumps(held_to))
    result = conformance("compare", str(report), "--ratchet", str(path))
    assert (result.exit_code, "\x1b" in result.stdout, "🙂" in result.stdout) == (1, False, True)
