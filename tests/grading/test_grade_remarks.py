"""What `conformance grade` says of names that it had to change, of files that it left out, and of a run that goes on."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from conformance.grading import grade_file
from conformance.grading.intake.file_names import OF_THE_RUN, folder_names
from tests.grading.in_process_workers import RIGHT
from tests.grading.small_class import OPEN, WITH, WRONG, conformance, write_small_class

GRADE = ("grade", "class", *WITH, "--out", "out", *OPEN)
ALL = ("gradescope", "nbgrader", "otter")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_class(tmp_path)
    monkeypatch.chdir(tmp_path)


def _table() -> dict[str, dict[str, str]]:
    with Path("out/grades.csv").open(newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


@pytest.mark.slow
def test_no_submission_is_called_like_a_file_of_the_run() -> None:
    """Whatever a run writes beside the folders is in one list, and a submission of that name gets another."""
    Path("class/Seed").mkdir()
    for name in ("seed.py", "Seed/submission.py", "assignment.toml.py", "grades.csv.py"):
        Path("class", name).write_text(RIGHT)
    result = conformance(*GRADE, *(word for form in ALL for word in ("--format", form)))
    assert (result.exit_code, result.stderr) == (0, "")
    assert {path.name for path in Path("out").iterdir() if path.is_file()} == OF_THE_RUN
    assert {name.partition("-")[0] for name in _table()} == {"ann", "bob", "seed_", "Seed_", "assignment_toml", "grades_csv"}
    for name in OF_THE_RUN:
        assert folder_names([name]) != (name,)


@pytest.mark.slow
def test_where_names_clash_the_table_says_what_was_handed_in() -> None:
    """As grade.json does; the folder is named where names alone do not tell files apart."""
    Path("other").mkdir()
    for name in ("class/a b.py", "class/a_b.py", "other/ann.py"):
        Path(name).write_text(RIGHT)
    assert conformance("grade", "class", "other", *GRADE[2:]).exit_code == 0
    handed_in = sorted(row["handed_in"] for row in _table().values())
    assert handed_in == ["a b.py", "a_b.py", "bob.py", "class/ann.py", "other/ann.py"]
    for name, grade in grade_file.read_all(Path("out")).items():
        assert grade.handed_in == _table()[name]["handed_in"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("called", "shown"), [("new\nline.py", r"new\nline.py"), ("a\udcff.py", r"a\udcff.py"), ("=1+1.py", "=1+1.py")]
)
def test_a_name_that_cannot_be_shown_is_escaped_whole(called: str, shown: str) -> None:
    """grade.json can hold it, and no cell of the table is a formula."""
    Path("class", called).write_text(RIGHT)
    assert conformance(*GRADE).exit_code == 0
    (grade,) = [element for name, element in grade_file.read_all(Path("out")).items() if name not in ("ann", "bob")]
    assert grade.handed_in == shown
    assert _table()[grade.submission]["handed_in"].lstrip("'") == shown
    assert not _table()[grade.submission]["handed_in"].startswith("=")


@pytest.mark.slow
def test_grades_of_before_learn_what_was_handed_in() -> None:
    """An older grade.json has no such key: it is read, kept, and completed by --resume."""
    conformance(*GRADE)
    file = Path("out/ann/grade.json")
    whole = file.read_text()
    file.write_text(re.sub(r'\n "handed_in": "[^"]*",', "", whole))
    assert file.read_text() != whole
    assert grade_file.read(file).handed_in == ""
    assert "2 kept as they were" in conformance(*GRADE, "--resume").stdout
    assert file.read_text() == whole


@pytest.mark.slow
def test_a_run_that_goes_on_says_what_it_did() -> None:
    """How many were graded and how many kept; no rate where nothing was graded."""
    assert re.match(r"2 submissions graded in [\d.]+ s \(\d+ a minute\), isolation", conformance(*GRADE).stdout)
    Path("class/ann.py").write_text(f"{RIGHT}\n# changed\n")
    some = conformance(*GRADE, "--resume").stdout
    assert re.match(r"1 submission graded in [\d.]+ s \(\d+ a minute\), 1 kept as it was, isolation process\n", some)
    assert re.match(
        r"0 submissions graded in [\d.]+ s, 2 kept as they were, isolation process\n", conformance(*GRADE, "--resume").stdout
    )


@pytest.mark.slow
def test_who_is_not_handed_in_any_more_is_said() -> None:
    """No table of the class has them; their folder stays."""
    conformance(*GRADE)
    Path("class/ann.py").unlink()
    result = conformance(*GRADE, "--resume")
    assert "ann was not handed in this time: the earlier grade in out stays, but no table of the class has it." in result.stdout
    assert set(_table()) == {"bob"}
    assert Path("out/ann/grade.json").exists()
    assert "not handed in" not in conformance("grade", "class", *WITH, "--out", "fresh", *OPEN).stdout


@pytest.mark.slow
def test_a_lost_secret_is_said() -> None:
    """A fresh one asks other cases, so nothing can be kept; where the secret is named nothing is said."""
    conformance(*GRADE)
    Path("out/seed").unlink()
    result = conformance(*GRADE, "--resume")
    (line,) = result.stderr.splitlines()
    assert line.startswith("seed-file: expected the secret of the grades in out/seed, found none;")
    assert result.stdout.startswith("2 submissions graded")
    assert conformance(*GRADE, "--resume").stderr == ""


@pytest.mark.slow
def test_a_class_in_which_one_file_is_called_submission_is_spoken_of() -> None:
    """On the screen and in the feedback; with --one it is meant, and of the helpers of a student in a class nothing is said."""
    Path("class/submission.py").write_text(WRONG)
    result = conformance(*GRADE)
    sentence = "a folder with submission.py is one submission, and ann.py, bob.py belong to it"
    assert result.stderr == f"class: {sentence}; to grade each by itself, name every file\n"
    assert grade_file.read(Path("out/class/grade.json")).notes[0] == sentence
    assert "belong to it" in Path("out/class/feedback.md").read_text()
    assert conformance(*GRADE, "--resume", "--one").stderr == ""
    Path("students").mkdir()
    Path("class").rename("students/kim")
    conformance("grade", "students", *WITH, "--out", "fresh", *OPEN)
    assert "belong" not in str(grade_file.read(Path("fresh/kim/grade.json")).notes)


def test_a_hidden_file_is_said() -> None:
    """What a desktop leaves behind beside a file is not."""
    for name in (".kim.py", "._ann.py", ".notes"):
        Path("class", name).write_text(RIGHT)
    result = conformance(*GRADE)
    assert result.stderr == "class: left out .kim.py, since a name that begins with a dot is hidden\n"
    assert set(_table()) == {"ann", "bob"}


@pytest.mark.slow
def test_what_was_never_a_run_cannot_be_compared() -> None:
    """A folder of submissions for example: exit code 2, whichever of the two it is."""
    conformance(*GRADE)
    for words in (("out", "class"), ("class", "out")):
        result = conformance("diff", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "class: expected a folder of grades, found no grades in it\n"
