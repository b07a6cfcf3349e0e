"""The files of a class: complete, atomic, and right in every format."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from conformance.grading.feedback import class_report, csv_tables, output_folder
from conformance.grading.feedback.gradescope import results
from conformance.grading.feedback.output_folder import FORMATS, write_class, write_grade
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Grade, read
from tests.grading.grades import ASSIGNMENT, FEATURES, HALF, check, every_outcome, example, four_mistakes, graded

SHOWN = Presentation.of(ASSIGNMENT)
EVIL = '=HYPERLINK("http://evil")'
TOP = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
       "stdout_visibility", "extra_data", "tests", "leaderboard"}  # fmt: skip
TEST = {
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
    "extra_data",
}


def _lost() -> Grade:
    return graded("zoe", check("vae_kl_loss", "value", "grader-error"))


def _class() -> list[Grade]:
    return [
        graded("bob", check("vae_kl_loss", "value", "failed", matches=(HALF,)), check("kl_sparsity_loss", "value")),
        graded("ann", check("vae_kl_loss", "value", "failed", matches=(HALF, FEATURES)),
               check("kl_sparsity_loss", "value", "failed", matches=(HALF,))),
        graded("cy", check("vae_kl_loss", "value"), check("kl_sparsity_loss", "value")),
        _lost(),
    ]  # fmt: skip


def test_every_file_is_written(tmp_path: Path) -> None:
    """One folder a submission, the files of the class beside them, and no leftovers."""
    for given in _class():
        folder = write_grade(tmp_path, given, SHOWN, FORMATS)
        assert sorted(path.name for path in folder.iterdir()) == ["feedback.html", "feedback.md", "grade.json", "results.json"]
        assert read(folder / "grade.json") == given
    write_class(tmp_path, _class(), SHOWN, FORMATS)
    files = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert files == ["class.html", "class.md", "final_grades.csv", "grades.csv", "nbgrader.csv"]


def test_grade_json_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was interrupted has none, so it is graded again."""

    def interrupted(feedback: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(output_folder.html, "feedback_page", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_grade(tmp_path, four_mistakes(), SHOWN)
    assert [path.name for path in (tmp_path / "김민수").iterdir()] == ["feedback.md"]


@pytest.mark.parametrize("name", ["../evil", "/etc/x", "a/b", "..", ".hidden", "class.html", "con", "x\n", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Intake gives no such name; should one come all the same, nothing is written."""
    with pytest.raises(ValueError, match="safe as the name of a folder"):
        write_grade(tmp_path / "out", four_mistakes().model_copy(update={"submission": name}), SHOWN)
    assert list(tmp_path.iterdir()) == []


def test_grades_csv_has_a_line_a_submission() -> None:
    """In order of name; where the grader failed, the score is empty, not 0."""
    rows = list(csv.DictReader(io.StringIO(csv_tables.grades_csv(_class()))))
    assert [row["submission"] for row in rows] == ["ann", "bob", "cy", "zoe"]
    assert [row["score"] for row in rows] == ["0", "2", "4", ""]
    assert [row["percent"] for row in rows] == ["0", "50", "100", ""]
    assert [row["status"] for row in rows] == ["failed", "failed", "passed", "grader-error"]
    assert rows[1]["vae_kl_loss value"] == "0"
    assert rows[3]["kl_sparsity_loss value"] == ""


def test_nbgrader_and_otter_have_their_columns() -> None:
    """As those tools write them."""
    text = csv_tables.nbgrader_csv(_class(), "Sunday")
    assert text.splitlines()[0] == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score"
    )
    assert text.splitlines()[2] == "Lecture 06,Sunday,,bob,,,,2,0,2,4"
    text = csv_tables.otter_csv(_class())
    assert (
        text.splitlines()[0] == "file,vae_kl_loss value,kl_sparsity_loss value,total_points_earned,percent_correct,grading_status"
    )
    assert text.splitlines()[1:] == [
        "points-per-question,2,2,4,1,",
        "ann,0,0,0,0,Completed",
        "bob,0,2,2,0.5,Completed",
        "cy,2,2,4,1,Completed",
        "zoe,,,,,Failed: grader-error",
    ]


def test_no_csv_holds_a_formula() -> None:
    """Whatever text comes from a submission."""
    given = graded(EVIL, check(EVIL, "value"), framework=EVIL, isolation=EVIL, assignment=EVIL)
    for text in (csv_tables.grades_csv([given]), csv_tables.nbgrader_csv([given], EVIL), csv_tables.otter_csv([given])):
        for row in csv.reader(io.StringIO(text)):
            assert not any(cell.startswith("=") for cell in row)


def test_gradescope_results_have_all_documented_fields() -> None:
    """Of the whole and of every test, with values that Gradescope knows."""
    given = graded(
        "x",
        check("vae_kl_loss", "value"),
        check("vae_kl_loss", "gradient", "crashed", message="boom"),
        check("pad_sequences", "value"),
    )
    page = json.loads(json.dumps(results(given, SHOWN, leaderboard=True)))
    assert set(page) == TOP
    assert all(set(test) == TEST for test in page["tests"])
    assert (page["score"], sum(test["score"] for test in page["tests"])) == (4, 4)
    assert [test["number"] for test in page["tests"]] == ["1.1", "1.2", "2.1"]
    assert [test["status"] for test in page["tests"]] == ["passed", "failed", "passed"]
    assert page["leaderboard"] == [{"name": "Score", "value": 4, "order": "desc"}]
    assert page["output_format"] == page["test_output_format"] == "md"
    assert "boom" in page["tests"][1]["output"]


@pytest.mark.parametrize("visibility", ["hidden", "after_due_date", "after_published"])
def test_a_test_that_is_not_shown_hides_the_total(visibility: str) -> None:
    """No score, no leaderboard, and nothing of it in what is shown at once."""
    secret = check("kl_sparsity_loss", "value", "failed", message="secret", visibility=visibility, matches=(FEATURES,),
                   counterexample=example(0.123, 0.456))  # fmt: skip
    page = results(graded("x", check("vae_kl_loss", "value"), secret), SHOWN, leaderboard=True)
    assert "score" not in page
    assert page["leaderboard"] == []
    assert [test["visibility"] for test in page["tests"]] == ["visible", visibility]
    at_once = json.dumps([{k: v for k, v in page.items() if k != "tests"}, page["tests"][0]])
    assert not any(word in at_once for word in ("secret", "kl_sparsity_loss", "0.123", "features_axis"))


def test_gradescope_never_makes_a_zero_of_a_failed_grader() -> None:
    """Neither score nor tests: the platform shows a failed autograder."""
    page = results(_lost(), SHOWN)
    assert "score" not in page
    assert "tests" not in page
    assert "graded again" in page["output"]


def test_the_class_is_counted_right() -> None:
    """A submission counts once for a mistake; who was lost to the grader counts nowhere but in a list of its own."""
    report = class_report.class_report(_class(), SHOWN)
    assert [(len(element.submissions), element.checks) for element in report.mistakes] == [
        (2, ("kl_sparsity_loss value", "vae_kl_loss value")),
        (1, ("vae_kl_loss value",)),
    ]
    assert [(item.name, item.passed, item.asked, item.average) for item in report.rates] == [
        ("vae_kl_loss value", 1, 3, 0.67),
        ("kl_sparsity_loss value", 2, 3, 1.33),
    ]
    assert report.bins == (1, 0, 0, 0, 0, 1, 0, 0, 0, 1)
    assert report.lost == ("zoe",)
    figures = dict(report.figures)
    assert (figures["Submissions"], figures["Graded"], figures["Mean"], figures["Median"]) == ("4", "3", "2 / 4", "2 / 4")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_class_pages_say_it(language: str) -> None:
    """In both languages, with bars, links to every feedback, and names that are no markup."""
    shown = Presentation(language)  # type: ignore[arg-type]
    report = class_report.class_report([*_class(), graded("김 <b>", check("vae_kl_loss", "value"))], shown)
    html, text = class_report.as_html(report), class_report.as_markdown(report)
    assert html.count('<rect class="column"') == 10
    assert 'href="ann/feedback.html"' in html
    assert 'href="%EA%B9%80%20%3Cb%3E/feedback.html"' in html
    assert "<b>" not in html
    assert "\\<b\\>" in text
    assert "zoe" in text


def test_an_empty_class_is_a_class(tmp_path: Path) -> None:
    """Nobody handed in: the files are there and say so."""
    write_class(tmp_path, [], SHOWN, FORMATS)
    assert (tmp_path / "grades.csv").read_text(encoding="utf-8").startswith("submission,score")
    assert "Submissions: 0" in (tmp_path / "class.md").read_text(encoding="utf-8")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full in the middle, the old one stays."""
    write_grade(tmp_path, every_outcome(), SHOWN)
    before = (tmp_path / "alice" / "grade.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_grade(tmp_path, graded("alice", check("vae_kl_loss", "value")), SHOWN)
    assert (tmp_path / "alice" / "grade.json").read_bytes() == before
