"""`conformance grade` as a teacher meets it: what it writes and says, its exit codes, and one line for whatever is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.grading import grade_file
from conformance.grading.grade_file import Grade
from conformance.grading.sandbox.judge import worker_files as furniture
from conformance.grading.scoring import one_submission
from tests.architecture.signatures import ROOT
from tests.grading.in_process_workers import RIGHT
from tests.grading.small_class import OPEN, WITH, conformance, descendants, refused, runs, write_small_class

GRADE = ("grade", "class", *WITH)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_class(tmp_path)
    monkeypatch.chdir(tmp_path)


def _grades(folder: str = "out") -> dict[str, Grade]:
    return {name: grade.model_copy(update={"seconds": 0.0}) for name, grade in grade_file.read_all(Path(folder)).items()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("grade",), "Missing argument 'PATHS...'; see conformance grade --help"),
        (("grade", "class"), "Missing option '--assignment'"),
        (GRADE, "Missing option '--out'"),
        (("grade", "missing", *WITH, "--out", "out"), "paths: expected a file or folder, got 'missing', which is not there"),
        (("grade", "empty", *WITH, "--out", "out"), "paths: expected a folder with submissions, got 'empty', which is empty"),
        (
            ("grade", "class", "--assignment", "week9", "--out", "out"),
            "assignment: 'week9' cannot be read: No such file or directory; lecture06 is shipped",
        ),
        (
            ("grade", "class", "--assignment", "wrong.toml", "--out", "out"),
            "wrong.toml:5: specs.vae_kl_loss.points.value: expected",
        ),
        ((*GRADE, "--out", "file"), "out: file: File exists"),
        ((*GRADE, "--out", "file/out"), "out: file/out: Not a directory"),
        ((*GRADE, "--out", "out", "--jobs", "0"), "Invalid value for '--jobs'"),
        ((*GRADE, "--out", "out", "--jobs", "two"), "Invalid value for '--jobs'"),
        ((*GRADE, "--out", "out", "--format", "pdf"), "format: expected one of gradescope, nbgrader, otter; got 'pdf'"),
        ((*GRADE, "--out", "out", "--isolation", "paper"), "isolation: expected one of bubblewrap, landlock, namespaces, process"),
        ((*GRADE, "--out", "out", "--seed-file", "missing"), "seed-file: 'missing' cannot be read: No such file or directory"),
        ((*GRADE, "--out", "out", "--seed-file", "nothing"), "seed-file: expected a secret, found 'nothing' empty"),
        ((*GRADE, "--out", "out", "--seed-file", "empty"), "seed-file: 'empty' cannot be read: Is a directory"),
        ((*GRADE, "--out", "out", "--colour"), "No such option: --colour"),
    ],
)
def test_what_cannot_be_graded_is_one_line(words: tuple[str, ...], expected: str) -> None:
    """On standard error, with exit code 2; and no grade is written."""
    assert expected in refused(*words)
    assert list(Path().glob("*/*/grade.json")) == []


def test_a_class_is_graded() -> None:
    """Right and wrong, syntax errors, what raises, what is no source: each has its grade, and the exit code is 0."""
    result = conformance("grade", "class", "none.py", "syntax.py", "raises.py", "latin.py", *WITH, "--out", "out", *OPEN)
    assert (result.exit_code, result.stderr) == (0, "")
    grades = {name: (grade.status, grade.score) for name, grade in _grades().items()}
    assert grades == {
        "ann": ("passed", 4),
        "bob": ("failed", 0),
        "none": ("failed", 0),
        "syntax": ("crashed", 0),
        "raises": ("crashed", 0),
        "latin": ("ungradable", 0),
    }
    assert result.stdout.startswith("6 submissions graded in ")
    assert "Scores from 0 to 4 of 4, median 0." in result.stdout
    assert {path.name for path in Path("out").iterdir() if path.is_file()} == {
        "assignment.toml", "class.html", "class.md", "grades.csv", "seed",
    }  # fmt: skip
    assert Path("out/seed").stat().st_mode & 0o777 == 0o600
    assert Path("out/assignment.toml").read_text() == Path("a.toml").read_text()


def test_without_walls_every_result_says_so() -> None:
    """On the screen, in grade.json, in the feedback and in what Gradescope gets."""
    result = conformance(*GRADE, "--out", "out", *OPEN, "--format", "gradescope")
    sentence = "with resource limits only"
    assert "isolation process" in result.stdout
    assert sentence in result.stdout
    for grade in _grades().values():
        assert grade.isolation == "process"
        assert sentence in grade.notes[-1]
        folder = Path("out") / grade.submission
        assert sentence in (folder / "feedback.md").read_text()
        assert sentence in (folder / "feedback.html").read_text()
        assert json.loads((folder / "results.json").read_text())["extra_data"]["isolation"] == "process"


def test_the_walls_that_there_are_are_recorded() -> None:
    """By default the best; where there are none, nothing is graded and the message says what would."""
    result = conformance(*GRADE, "--out", "out")
    if result.exit_code == 2:
        assert "--isolation=process grades without" in result.stderr
        pytest.skip(f"not run: {result.stderr}")
    (level,) = {grade.isolation for grade in _grades().values()}
    assert f"isolation {level}\n" in result.stdout
    assert level in ("bubblewrap", "landlock", "namespaces")
    assert "with resource limits only" not in result.stdout


@pytest.mark.slow
def test_every_format_is_written_on_request() -> None:
    """And none without."""
    conformance(*GRADE, "--out", "plain", *OPEN)
    assert not {"nbgrader.csv", "final_grades.csv"} & {path.name for path in Path("plain").iterdir()}
    conformance(*GRADE, "--out", "out", *OPEN, "--format", "gradescope", "--format", "nbgrader", "--format", "otter")
    assert {"nbgrader.csv", "final_grades.csv"} < {path.name for path in Path("out").iterdir()}
    assert Path("out/ann/results.json").exists()


def test_one_takes_a_folder_as_one_submission() -> None:
    """As a grading platform does, which has one folder a student."""
    Path("class/bob.py").unlink()
    assert conformance(*GRADE, "--out", "out", *OPEN, "--one").exit_code == 0
    assert {name: grade.score for name, grade in _grades().items()} == {"class": 4}


@pytest.mark.slow
def test_the_secret_decides_the_cases() -> None:
    """One of a file is used and not copied; the same gives the same grades, and another other cases."""
    ids = set()
    for out, secret in (("one", "secret"), ("two", "secret"), ("three", "a.toml")):
        conformance(*GRADE, "--out", out, *OPEN, "--seed-file", secret)
        assert not Path(out, "seed").exists()
        ids |= {grade.seed_id for grade in _grades(out).values()}
    assert _grades("one") == _grades("two")
    assert len(ids) == 2


@pytest.mark.slow
def test_a_folder_with_grades_is_not_written_over() -> None:
    """Unless the run goes on where it ended; what has not changed is kept."""
    conformance(*GRADE, "--out", "out", *OPEN)
    before = {path: path.read_bytes() for path in Path("out").glob("*/*")}
    assert "expected a folder without grades, found some in 'out'; --resume grades" in refused(*GRADE, "--out", "out", *OPEN)
    assert conformance(*GRADE, "--out", "out", *OPEN, "--resume").exit_code == 0
    assert {path: path.read_bytes() for path in Path("out").glob("*/*")} == before


@pytest.mark.slow
def test_the_folder_of_grades_is_no_submission() -> None:
    """Even where it lies among them."""
    words = ("grade", "class", *WITH, "--out", "class/grades", *OPEN)
    assert conformance(*words).exit_code == 0
    assert conformance(*words, "--resume").exit_code == 0
    assert set(_grades("class/grades")) == {"ann", "bob"}


@pytest.mark.slow
def test_a_mistake_of_the_grader_is_said_and_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and no score; the others have theirs, and --resume grades it again."""
    checks = one_submission.checks

    def broken(subject: object, questions: object, *rest: object) -> object:
        if questions.submission_hash == bob:  # type: ignore[attr-defined]
            raise ZeroDivisionError("in the judge")
        return checks(subject, questions, *rest)  # type: ignore[arg-type]

    conformance(*GRADE, "--out", "first", *OPEN)
    bob = _grades("first")["bob"].hash
    with monkeypatch.context() as patched:
        patched.setattr(one_submission, "checks", broken)
        result = conformance(*GRADE, "--out", "out", *OPEN)
    assert result.exit_code == 1
    assert "A grader-error is no zero" in result.stdout
    assert {name: grade.score for name, grade in _grades().items()} == {"ann": 4, "bob": None}
    assert conformance(*GRADE, "--out", "out", *OPEN, "--resume").exit_code == 0
    assert {name: grade.score for name, grade in _grades().items()} == {"ann": 4, "bob": 0}


@pytest.mark.slow
def test_a_framework_that_is_not_installed_costs_nobody_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who use it have no score; the others are graded."""
    monkeypatch.setattr(furniture, "_OWN", (*furniture._OWN, "torch"))
    Path("class/cy.py").write_text("import torch\n" + RIGHT)
    result = conformance(*GRADE, "--out", "out", *OPEN)
    assert result.exit_code == 1
    grades = _grades()
    assert {name: grade.score for name, grade in grades.items()} == {"ann": 4, "bob": 0, "cy": None}
    assert "torch is not installed" in grades["cy"].notes[-1]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TERM": "xterm-256color", "COLUMNS": "80"}


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "conformance", *words]


@pytest.mark.slow
def test_what_is_piped_is_plain_and_fits() -> None:
    """No colour, no progress, no line of more than 80 columns but for paths and sentences that the terminal breaks."""
    done = subprocess.run(_command(*GRADE, "--out", "out", *OPEN), env=_environment(), capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    assert [line for line in done.stdout.splitlines() if len(line) > 80 and "resource limits" not in line] == []


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_ended(tmp_path: Path) -> None:
    """Ctrl-C: exit code 130 and one line, whole folders, nothing left running; --resume leaves what one run leaves."""
    for number in range(8):
        (tmp_path / "class" / f"s{number}.py").write_text(f"import time\ntime.sleep(0.5)\n# {number}\n{RIGHT}")
    words = (*GRADE, *OPEN, "--seed-file", "secret", "--jobs", "1", "--out")
    pipe = subprocess.PIPE
    run = subprocess.Popen(_command(*words, "out"), env=_environment(), stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    end = time.monotonic() + 60
    while len(list(tmp_path.glob("out/*/grade.json"))) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    started = descendants(run.pid)
    assert started
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does it: to every process of the group, which is the test's own
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (130, "")
    (line,) = err.splitlines()
    assert line.endswith("of 10 submissions; --resume grades the rest.")
    assert [process for process in started if runs(process)] == []
    kept = _grades()
    assert 3 <= len(kept) < 10
    assert conformance(*words, "out", "--resume").exit_code == 0
    assert conformance(*words, "whole").exit_code == 0
    assert _grades("out") == _grades("whole")
    assert kept.items() <= _grades("whole").items()


@pytest.mark.slow
def test_the_framework_can_be_told() -> None:
    """The grade keeps it, so that it is replayed in the same, and --resume without it grades anew."""
    words = ("grade", "class/ann.py", *WITH, "--out", "out", *OPEN)
    assert conformance(*words, "--framework", "numpy").exit_code == 0
    (grade,) = _grades().values()
    assert (grade.framework, grade.told) == ("numpy", True)
    assert "judged as NumPy, because --framework says so" in grade.notes
    assert "as before, check by check" in conformance("replay", "out/ann", *OPEN).stdout
    assert "1 kept as it was" in conformance(*words, "--resume", "--framework", "numpy").stdout
    assert "1 submission graded" in conformance(*words, "--resume").stdout
    assert not _grades()["ann"].told
