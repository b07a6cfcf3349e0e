"""grade.json: what it must hold, and what is refused on reading it back."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from conformance.errors import UnreadableGrade
from conformance.grading import grade_file
from conformance.grading.grade_file import Counterexample, Grade, read, read_all, without_answers, write
from tests.grading.grades import ASSIGNMENT, check, every_outcome, four_mistakes, graded


def test_the_file_has_the_documented_keys(tmp_path: Path) -> None:
    """Those of the project's plan, and what feedback needs beside them."""
    content = json.loads(write(tmp_path, four_mistakes()).read_text(encoding="utf-8"))
    assert {"submission", "hash", "score", "max_score", "status", "isolation", "seed_id", "versions", "seconds", "checks"} <= set(
        content
    )
    assert {"name", "spec", "part", "outcome", "points", "max_points", "message", "matches", "counterexample", "visibility"} <= set(
        content["checks"][0]
    )
    assert content["schema_version"] == 1


@pytest.mark.parametrize("given", [four_mistakes(), every_outcome(), graded("x", check("vae_kl_loss", "value", "grader-error"))])
def test_what_is_written_is_read_back(tmp_path: Path, given: Grade) -> None:
    """Equal in every field."""
    assert read(write(tmp_path, given)) == given


def test_score_and_status_follow_from_the_checks() -> None:
    """The sum of the points, and the gravest outcome."""
    assert (every_outcome().score, every_outcome().max_score, every_outcome().status) == (3, 14, "over-limit")
    assert graded("x", check("a", "value"), check("b", "value")).status == "passed"
    thirds = graded("x", *(check(name, "value", best=0.1) for name in "abc"))
    assert (thirds.score, thirds.share) == (0.3, 1.0)


def test_a_failed_grader_is_no_zero() -> None:
    """One check that the grader lost is enough: no score, whatever the others gave."""
    given = graded("x", check("a", "value"), check("b", "value", "grader-error"))
    assert (given.score, given.share, given.status) == (None, None, "grader-error")
    lost = without_answers("x", "", ASSIGNMENT, "grader-error", "it broke", isolation="", seed_id="", versions={}, seconds=0.0)
    assert lost.score is None
    assert all(element.points is None for element in lost.checks)


def test_a_refused_submission_has_every_check_and_no_points() -> None:
    """So that it stands in every table beside the others."""
    refused = without_answers("x", "", ASSIGNMENT, "ungradable", "a link", isolation="", seed_id="", versions={}, seconds=0.0)
    assert (refused.score, refused.max_score, refused.status) == (0, ASSIGNMENT.total, "ungradable")
    assert [member.name for member in refused.checks][:2] == ["vae_kl_loss value", "vae_kl_loss gradient"]
    assert {element.visibility for element in refused.checks} == {"visible", "after_published"}


def test_numbers_that_json_has_not_are_texts() -> None:
    """NaN and infinities survive writing and reading."""
    example = Counterexample(id="x", inputs={}, actual=math.nan, expected=-math.inf)
    assert (example.actual, example.expected) == ("nan", "-inf")
    assert Counterexample.model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("score",), 13, "expected 3.0, the sum of the checks"),
        (("score",), None, "expected null with the status grader-error"),
        (("score",), -1, "score"),
        (("status",), "passed", "status: expected over-limit"),
        (("status",), "superb", "status"),
        (("schema_version",), 2, "schema_version"),
        (("extra",), 1, "extra"),
        (("checks", 0, "points"), 1, "expected all 2 with the outcome passed"),
        (("checks", 1, "points"), 99, "expected at most max_points = 2"),
        (("checks", 1, "points"), None, "expected null with the outcome grader-error"),
        (("checks", 1, "name"), "vae_kl_loss value", "expected every name once"),
        (("checks", 1, "points"), "NaN", "checks.1.points"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, path: tuple[str | int, ...], value: object, expected: str) -> None:
    """A forged or damaged grade does not pass for one; the message names the file and the key."""
    content = json.loads(write(tmp_path, every_outcome()).read_text(encoding="utf-8"))
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (tmp_path / "grade.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UnreadableGrade) as caught:
        read(tmp_path / "grade.json")
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'grade.json'}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_what_is_no_grade_is_refused(tmp_path: Path, content: bytes) -> None:
    """In one line."""
    (tmp_path / "grade.json").write_bytes(content)
    with pytest.raises(UnreadableGrade, match=r"grade\.json: "):
        read(tmp_path / "grade.json")


def test_all_grades_of_a_folder_are_read(tmp_path: Path) -> None:
    """Folders without a grade are passed over: they are not finished."""
    for given in (four_mistakes(), every_outcome()):
        (tmp_path / given.submission).mkdir()
        write(tmp_path / given.submission, given)
    (tmp_path / "unfinished").mkdir()
    assert set(read_all(tmp_path)) == {"김민수", "alice"}
    with pytest.raises(UnreadableGrade, match="expected a folder of grades, got none"):
        read_all(tmp_path / "missing")


def test_a_grade_cannot_be_changed() -> None:
    """It is frozen."""
    with pytest.raises(ValidationError):
        four_mistakes().score = 100  # type: ignore[misc]
    assert grade_file.SCHEMA_VERSION == 1
