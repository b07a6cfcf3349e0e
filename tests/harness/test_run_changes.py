"""Two runs of `verify` side by side: every change has its kind, and is said in each format without harm."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.reports import changes_page, changes_text, changes_words
from conformance.reports.changes_markdown import as_markdown
from conformance.reports.run_changes import RunChanges, compare
from conformance.tolerance import ulps_between
from tests.harness.running import conformance, refused
from tests.harness.samples import NASTY
from tests.harness.written_reports import held, verdict, written

FAILED = verdict(
    outcome="failed", budget_used=6e5, reason="value: expected 0.5, got 1.0", reproduce="conformance reproduce abc --target mine.py",
    diagnosis={"sentence": "matches the known mistake half_missing"},
)  # fmt: skip
ERRORED = verdict(outcome="errored", budget_used=None, reason="raised ValueError: no")
NOT_OFFERED = verdict(outcome="unsupported", budget_used=None, reason="mine has none")
NOT_RUN = verdict(outcome="not run", budget_used=None, reason="no CUDA")
WORST = {"name": "value", "index": [0], "actual": 1.0 + 2**-22, "expected": 1.0, "allowed": 1.0}


@pytest.mark.parametrize(
    ("old", "new", "kind", "worse"),
    [
        (verdict(), verdict(), "same", False),
        (verdict(), FAILED, "began to fail", True),
        (verdict(), ERRORED, "began to fail", True),
        (None, FAILED, "began to fail", True),
        (NOT_RUN, FAILED, "began to fail", True),
        (NOT_OFFERED, FAILED, "began to fail", True),
        (FAILED, verdict(), "mended", False),
        (FAILED, ERRORED, "still fails", False),
        (verdict(), NOT_OFFERED, "no longer offered", True),
        (FAILED, NOT_OFFERED, "vanished", False),
        (verdict(), verdict(not_offered={"reduction=none": 3}), "no longer offered", True),
        (verdict(), verdict(budget_used=0.75), "moved", False),
        (verdict(), verdict(remarks=[{"form": "naive", "sentence": "loses digits"}]), "moved", False),
        (verdict(budget_used=None), verdict(budget_used=0.5), "moved", False),
        (None, verdict(), "appeared", False),
        (NOT_RUN, verdict(), "appeared", False),
        (NOT_OFFERED, verdict(), "appeared", False),
        (verdict(), None, "vanished", False),
        (verdict(), NOT_RUN, "vanished", False),
        (NOT_OFFERED, NOT_OFFERED, "same", False),
    ],
)
def test_every_change_has_its_kind(old: dict[str, Any] | None, new: dict[str, Any] | None, kind: str, worse: bool) -> None:
    """What conformed, or was not there, and does not conform now is worse; and what is not offered any more."""
    changes = compare(*(held(*([line] if line else [])) for line in (old, new)))
    assert [change.kind for change in changes.checks] == [kind]
    assert changes.worse is worse
    assert ("Worse: " in changes_words.verdict(changes)) is worse


@pytest.mark.parametrize(
    ("old", "new"), [(None, NOT_RUN), (NOT_RUN, None), (NOT_RUN, NOT_RUN), (None, NOT_OFFERED), (NOT_OFFERED, NOT_RUN)]
)
def test_what_was_never_judged_is_no_change(old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
    """A device that is not there, or a function that nobody wrote, has neither appeared nor vanished."""
    assert compare(*(held(*([line] if line else [])) for line in (old, new))).checks == ()


def test_checks_are_told_apart_by_everything_but_the_place_of_the_file() -> None:
    """A file of the same name elsewhere is the same target; two of one name in one run are told apart by their places."""
    moved = compare(held(verdict(module="old/mine.py")), held(verdict(module="new/mine.py", budget_used=0.5)))
    assert [change.kind for change in moved.checks] == ["moved"]
    two = held(verdict(module="a/mine.py"), verdict(module="b/mine.py", budget_used=0.5))
    assert [change.check.target for change in compare(two, two).checks] == ["a/mine.py", "b/mine.py"]
    for key in ("device", "dtype", "mode", "spec", "quantity"):
        assert sorted(c.kind for c in compare(held(verdict()), held(verdict(**{key: "another"}))).checks) == [
            "appeared",
            "vanished",
        ]


@pytest.mark.parametrize(
    ("actual", "expected", "dtype", "ulps"),
    [
        (1.0 + 2**-22, 1.0, "float32", 2.0),
        (1.0, 1.0 + 2**-53, "float64", 0.0),
        (1.5, 1.0, "bfloat16", 64.0),
        (-3.0, -3.0 + 2**-22, "float32", 1.0),
        (1.0 + 2**-23, 1.0, "tf32", 1.0),  # its numbers are stored as float32
        (2.0**-149, 0.0, "float32", None),
        (2.0**-149, 2.0**-148, "float32", 1.0),
        ("nan", 1.0, "float32", None),
        (3, 4, "float32", None),
        (None, 1.0, "float32", None),
        (1.0, 2.0, "int8", None),
    ],
)
def test_an_ulp_is_the_distance_to_the_next_number(actual: object, expected: object, dtype: str, ulps: float | None) -> None:
    """Of the dtype, at what was expected; nothing is said where there is no such distance."""
    assert ulps_between(actual, expected, dtype) == ulps


def test_a_move_says_from_to_and_ulps() -> None:
    """The most grown stands first; what is not seen in the digits is counted."""
    old = held(verdict(worst=WORST), verdict(spec="b"), verdict(spec="c"))
    worst = {**WORST, "actual": 1.0 + 2**-21}
    new = held(verdict(budget_used=0.5, worst=worst), verdict(spec="b", budget_used=0.9), verdict(spec="c", budget_used=0.2501))
    text = changes_text.as_text(compare(old, new)).splitlines()
    assert text[-6:-3] == [
        "  mine cpu float32 eager",
        "    b value            0.25 → 0.90",
        "    vae_kl_loss value  0.25 → 0.50  2 → 4 ulps",
    ]
    assert text[-2:] == ["2 moved, 1 moved by less than 0.01, 0 as before.", "Nothing got worse."]


def test_versions_of_both_runs_are_said() -> None:
    """Changed ones by themselves, others together; that other cases were drawn, too."""
    text = changes_text.as_text(compare(held(verdict()), held(verdict(), versions={"torch": "2.14", "keras": "3"}, seed=4)))
    assert text.splitlines()[:4] == [
        "torch  2.13 → 2.14",
        "keras  none → 3",
        "In both: machine Linux, started 2030-01-02",
        "Other cases were drawn (seed 3 → 4), so that budget use may differ for that",
    ]


def _nasty() -> RunChanges:
    told = dict.fromkeys(("spec", "target", "module", "reason", "reproduce"), NASTY)
    wrong = {**FAILED, **told, "diagnosis": {"sentence": NASTY}, "remarks": [{"form": NASTY, "sentence": NASTY}]}
    lost = {**verdict(**told), "quantity": "gradient", "not_offered": {NASTY: 1}, "remarks": [{"form": NASTY, "sentence": NASTY}]}
    return compare(
        held({**wrong, "outcome": "passed"}, {**lost, "not_offered": {}}, verdict(spec="gone")),
        held(wrong, lost, {**NOT_RUN, "spec": "gone", "reason": NASTY}, machine=NASTY, versions={NASTY: NASTY}),
    )


def test_what_targets_say_harms_no_format() -> None:
    """No control characters in a terminal, no markup in Markdown or HTML."""
    changes = _nasty()
    page = changes_page.as_html(changes)
    for text in (changes_text.as_text(changes), as_markdown(changes), page):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\ud800-\udfff]", text)
        assert "🙂" in text
    body = page.partition("</style>")[2]
    assert "<&" not in body
    assert "]]>" not in body
    assert "http" not in body
    assert all(r"\<\&" in line for line in as_markdown(changes).splitlines() if "🙂" in line and "`" not in line)


@pytest.mark.parametrize("width", [80, 40])
def test_no_line_is_longer_than_there_is_room(width: int) -> None:
    """But for commands, which are to be copied."""
    many = [
        verdict(spec=f"VariationalAutoencoder{i}", target="impl_of_mine", worst=WORST, quantity="activations") for i in range(30)
    ]
    new = [{**FAILED, **line, "outcome": "failed"} if i < 2 else {**line, "budget_used": i / 30} for i, line in enumerate(many)]
    changes = compare(held(*many, verdict(spec="a" * 30)), held(*new, versions={"torch": "2." * 30}))
    lines = changes_text.as_text(changes, width).splitlines()
    assert [line for line in lines if len(line) > width and "conformance reproduce" not in line] == []
    assert any("… and 8 more; --all shows them" in line for line in lines)
    assert "more; --all" not in changes_text.as_text(changes, width, everything=True)


def test_the_command(tmp_path: Path) -> None:
    """Folders and files, three formats, printed or written; its exit code says whether anything got worse."""
    old, new = written(tmp_path / "old", verdict()), written(tmp_path / "new", FAILED)
    for places in ((old, new), (old / "report.jsonl", new / "report.jsonl")):
        result = conformance("compare", *map(str, places))
        assert (result.exit_code, result.stdout.splitlines()[-1]) == (1, "Worse: 1 began to fail.")
        assert "conformance reproduce abc --target mine.py" in result.stdout
    back = conformance("compare", str(new), str(old))
    assert (back.exit_code, "1 mended" in back.stdout) == (0, True)
    shown = conformance("compare", str(old), str(new), "--format", "markdown").stdout
    assert "**Worse: 1 began to fail.**" in shown
    assert "| vae\\_kl\\_loss value | mine cpu float32 eager | 0.25 → ✗ 6e+05 |  |" in shown
    page = tmp_path / "page.html"
    assert conformance("compare", str(old), str(new), "--format", "html", "--out", str(page)).exit_code == 1
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_nothing_in_common_is_said(tmp_path: Path) -> None:
    """Two runs of different targets are no success that anybody should believe in."""
    old, new = written(tmp_path / "old", verdict()), written(tmp_path / "new", verdict(target="yours"))
    assert (
        conformance("compare", str(old), str(new)).stdout.splitlines()[-1]
        == "Nothing is in both runs, so that nothing was compared."
    )


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    """In one line: no report, half of one, another program's, a line that no run writes, no place to write to, a missing argument."""
    good = str(written(tmp_path / "good", verdict()))
    lines = (tmp_path / "good/report.jsonl").read_text().splitlines()
    (tmp_path / "half.jsonl").write_text("\n".join(lines[:-1]))
    (tmp_path / "foreign.jsonl").write_text('{"event": "start"}\n{"event": "end"}\n')
    assert "expected report.jsonl in" in refused("compare", good, str(tmp_path / "nowhere"))
    assert "expected a header, verdicts and a footer" in refused("compare", good, str(tmp_path / "half.jsonl"))
    assert "expected a header, verdicts and a footer" in refused("compare", str(tmp_path / "foreign.jsonl"), good)
    assert "out: cannot write to" in refused("compare", good, good, "--out", str(tmp_path / "no" / "file"))
    assert "expected a second report" in refused("compare", good)
    for number, (old, new) in enumerate([('"cases": 10, ', ""), (', "reason": null', ""), ("0.25", "1e999"), ("0.25", "NaN")]):
        (tmp_path / f"odd{number}.jsonl").write_text("\n".join([lines[0], lines[1].replace(old, new), lines[2]]))
        assert "report: " in refused("compare", good, str(tmp_path / f"odd{number}.jsonl"))
    for number, strange in enumerate(
        [{"outcome": "fine"}, {"spec": None}, {"budget_used": "much"}, {"budget_used": [1]}, {"remarks": "none"}, {"remarks": [1]},
         {"worst": 3}, {"not_offered": []}, {"cases": True}]
    ):  # fmt: skip
        place = written(tmp_path / f"strange{number}", verdict(**strange))
        assert f"line 2 of '{place}/report.jsonl' is none that `conformance verify` writes: {next(iter(strange))}" in refused(
            "compare", good, str(place)
        )
