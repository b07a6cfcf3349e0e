"""Two runs side by side: every change with its cause, in 80 columns, and nothing that did not change."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conformance.grading.feedback.run_comparison import as_csv, as_json, as_table, compare
from conformance.grading.grade_file import Grade
from tests.grading.grades import HALF, check, graded


def _one(name: str, *outcomes: str, **rest: object) -> Grade:
    checks = (check(spec, "value", outcome) for spec, outcome in zip(("vae_kl_loss", "pad_sequences"), outcomes, strict=False))
    return graded(name, *checks, **rest)


OLD_GRADES = (_one("ann", "failed", "passed"), _one("bob", "passed", "passed"), _one("cy", "passed", "passed"),
              _one("dora", "passed", "failed"), _one("emil", "passed", "grader-error"))  # fmt: skip
NEW_GRADES = (_one("ann", "passed", "passed"), _one("bob", "passed", "passed", seconds=9.0), _one("zoe", "passed"),
              _one("dora", "passed", "crashed").model_copy(update={"hash": "b" * 64}), _one("emil", "passed", "passed"))  # fmt: skip
OLD, NEW = ({grade.submission: grade for grade in grades} for grades in (OLD_GRADES, NEW_GRADES))


def test_every_change_has_its_cause() -> None:
    """Scores, checks, other files, new and missing submissions; time and messages are no change."""
    changes = {grade.submission: grade for grade in compare(OLD, NEW)}
    assert {name: item.kind for name, item in changes.items()} == {
        "ann": "changed", "bob": "same", "cy": "missing", "dora": "changed", "emil": "changed", "zoe": "new",
    }  # fmt: skip
    assert (changes["ann"].difference, [c.name for c in changes["ann"].checks]) == (2, ["vae_kl_loss value"])
    assert (changes["dora"].difference, changes["dora"].resubmitted) == (0, True)
    assert (changes["emil"].old_score, changes["emil"].new_score, changes["emil"].difference) == (None, 4, None)


def test_the_same_run_twice_has_no_change() -> None:
    """Nothing but a count."""
    assert as_table(compare(OLD, OLD)) == "0 changed, 0 new, 0 missing, 5 same"


def test_the_table_says_it() -> None:
    """One line a submission, and one for every cause that has no room in it."""
    assert as_table(compare(OLD, NEW)).splitlines() == [
        "submission               old → new         change  why",
        "ann                      2 → 4                 +2",
        "    vae_kl_loss value: failed → passed",
        "cy                       4 → –                     not graded now",
        "dora                     2 → 2                 +0  other files were handed in",
        "    pad_sequences value: failed → crashed",
        "emil                     – → 4",
        "    pad_sequences value: grader-error → passed",
        "zoe                      – → 2                     not graded before",
        "3 changed, 1 new, 1 missing, 1 same",
    ]


def test_partial_points_are_a_change() -> None:
    """The outcome may be the same."""
    before, after = ({"a": graded("a", check("vae_kl_loss", "value", "failed", points=p, matches=(HALF,)))} for p in (0.0, 1.0))
    assert "vae_kl_loss value: 0 → 1 points" in as_table(compare(before, after))


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=90))
def test_no_line_is_wider_than_80_columns(name: str, spec: str) -> None:
    """Whatever students and checks are called; a Korean letter takes two columns."""
    before = {name: graded(name, check(spec, "value", "failed", best=12345.678))}
    after = {name: graded(name, check(spec, "value", best=12345.678), check(spec, "edges", "crashed"))}
    lines = as_table(compare(before, after)).splitlines()
    assert len(lines) in (4, 5)
    assert all(cell_len(line) <= 80 for line in lines)
    assert all(line.isprintable() for line in lines)


def test_csv_and_json_hold_everything() -> None:
    """A row a changed check; no formula; numbers as numbers."""
    evil = "=1+1"
    changes = compare(OLD | {evil: _one(evil, "passed")}, NEW)
    rows = list(csv.DictReader(io.StringIO(as_csv(changes))))
    assert [row["submission"] for row in rows] == ["'=1+1", "ann", "bob", "cy", "dora", "emil", "zoe"]
    assert rows[1]["old_outcome"] == "failed"
    assert rows[5]["old_score"] == ""
    content = json.loads(as_json(changes))
    assert content[1]["checks"][0]["new_points"] == 2
    assert content[1]["difference"] == 2
