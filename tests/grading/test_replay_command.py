"""`conformance replay`: a grade is made again from its folder, or the message says what is not as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.grading import grade_file
from tests.grading.small_class import OPEN, WITH, conformance, refused, write_small_class


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was graded once."""
    folder = tmp_path_factory.mktemp("graded")
    write_small_class(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert conformance("grade", "class", "latin.py", *WITH, "--out", "out", *OPEN).exit_code == 0
        assert conformance("grade", "class", *WITH, "--out", "elsewhere", *OPEN, "--seed-file", "secret").exit_code == 0
    return folder


@pytest.fixture(autouse=True)
def _elsewhere(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(graded, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")


@pytest.mark.parametrize(("name", "points"), [("ann", "4 of 4"), ("bob", "0 of 4")])
def test_a_grade_is_made_again(name: str, points: str) -> None:
    """With the same cases: check by check the same, whether right or wrong."""
    result = conformance("replay", f"out/{name}", *OPEN)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{name}: {points} points, as before, check by check.\n"


def test_a_secret_that_was_kept_elsewhere_is_given() -> None:
    """Without it nothing can be replayed."""
    assert "seed-file: " in refused("replay", "elsewhere/ann", *OPEN)
    assert conformance("replay", "elsewhere/ann", *OPEN, "--seed-file", "secret").exit_code == 0


def test_a_grade_that_was_changed_differs() -> None:
    """Exit code 1, with the check and what came instead."""
    path = Path("out/bob/grade.json")
    before = grade_file.read(path)
    first = before.checks[0].model_copy(update={"outcome": "passed", "points": 2.0, "counterexample": None})
    better = before.model_copy(update={"checks": (first, *before.checks[1:]), "score": 2.0, "status": "failed"})
    path.write_text(better.model_copy(update={"status": grade_file._status(better.checks)}).model_dump_json())
    result = conformance("replay", "out/bob", *OPEN)
    assert (result.exit_code, result.stderr) == (1, "")
    assert "bob" in result.stdout
    assert "-2" in result.stdout


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("out/ann/submission.zip < out/bob/submission.zip", "submission: expected the one that this grade was made with ("),
        ("out/seed < secret", "seed-file: expected the one that this grade was made with ("),
        ("out/seed < nothing", "seed-file: expected a secret, found "),
        ("out/assignment.toml < private.toml", "assignment: expected the one that this grade was made with ("),
        ("out/assignment.toml < wrong.toml", "specs.vae_kl_loss.points.value: expected"),
        ("out/ann/grade.json < file", "grade.json: "),
        ("out/ann/submission.zip < file", "submission.zip: "),
    ],
)
def test_what_is_not_as_it_was_is_one_line(change: str, expected: str) -> None:
    """And exit code 2: nothing is said of a grade that was made of something else."""
    target, source = change.split(" < ")
    shutil.copyfile(source, target)
    assert expected in refused("replay", "out/ann", *OPEN)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("replay",), "Missing argument 'DIR/NAME'; see conformance replay --help"),
        (("replay", "out/zoe"), "out/zoe/grade.json: cannot be read: No such file or directory"),
        (("replay", "file"), "file/grade.json: cannot be read: Not a directory"),
        (("replay", "out/latin"), "latin: nothing was graded: latin.py is not UTF-8"),
        (("replay", "out/ann", "--isolation", "paper"), "isolation: expected one of bubblewrap, landlock, namespaces, process"),
        (("replay", "out/ann", "--seed-file", "missing"), "seed-file: 'missing' cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(words: tuple[str, ...], expected: str) -> None:
    """On standard error, with exit code 2."""
    assert expected in refused(*words)
