"""The teacher's commands in this process: what they write, what they refuse, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import Result
from typer.testing import CliRunner

from conformance.cli import app
from conformance.grading.assignment.assignment_file import load
from conformance.grading.feedback.output_folder import write_grade
from conformance.grading.feedback.visibility import Presentation
from tests.architecture.signatures import ROOT
from tests.grading.grades import check, graded


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _conformance(*words: str) -> Result:
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def _refused(*words: str) -> str:
    result = _conformance(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("framework", "imported"),
    [("torch", "import torch"), ("tf", "import keras"), ("tensorflow", "import keras"), ("numpy", "import numpy")],
)
def test_new_writes_assignment_and_starter(framework: str, imported: str, tmp_path: Path) -> None:
    """A TOML that is valid, a module that compiles, a notebook that is one."""
    assert _conformance("assignment", "new", "lecture06", "--out", "a/b", "--framework", framework).exit_code == 0
    assert load(tmp_path / "a" / "b" / "lecture06.toml").total == 100
    source = (tmp_path / "a" / "b" / "submission.py").read_text(encoding="utf-8")
    compile(source, "submission.py", "exec")
    assert imported in source
    nbformat.validate(nbformat.read(tmp_path / "a" / "b" / "submission.ipynb", as_version=4))


def test_new_gives_another_name_its_own_title(tmp_path: Path) -> None:
    """The shipped assignment is the template of every other."""
    assert _conformance("assignment", "new", "week7").exit_code == 0
    assert load(tmp_path / "week7.toml").title == "week7"


def test_new_replaces_nothing_unless_told(tmp_path: Path) -> None:
    """Neither the one file that is there nor any other is touched."""
    (tmp_path / "submission.py").write_text("mine")
    assert (
        _refused("assignment", "new", "lecture06")
        == "out: expected a folder without submission.py, found it in '.'; --force replaces it"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["submission.py"]
    (tmp_path / "lecture06.toml").write_text("mine")
    assert _refused("assignment", "new", "lecture06") == (
        "out: expected a folder without lecture06.toml, submission.py, found them in '.'; --force replaces them"
    )
    assert _conformance("assignment", "new", "lecture06", "--force").exit_code == 0
    assert (tmp_path / "submission.py").read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("assignment", "new", "../x"), "name: expected letters, digits"),
        (("assignment", "new", "x", "--framework", "jax"), "framework: expected one of torch, tensorflow, numpy; got 'jax'"),
        (("assignment", "new", "x", "--out", "/dev/null/x"), "out: cannot write to '/dev/null/x': Not a directory"),
        (
            ("assignment", "check", "missing.toml"),
            "assignment: 'missing.toml' cannot be read: No such file or directory; lecture06 is shipped",
        ),
        (("assignment", "classroom", "lecture06", "--submission", "$(x)"), "submission: expected a relative path"),
        (
            ("gradescope", "build", "missing"),
            "assignment: 'missing' cannot be read: No such file or directory; lecture06 is shipped",
        ),
        (
            ("gradescope", "build", "lecture06", "--seed-file", "missing"),
            "seed-file: 'missing' cannot be read: No such file or directory",
        ),
        (("gradescope", "build", "lecture06", "--wheels", "missing"), "wheels: expected a folder, got 'missing'"),
        (("gradescope", "build", "lecture06", "--wheels", "."), "wheels: expected files that end with .whl in '.', found none"),
        (("gradescope", "build", "lecture06", "--out", "no/a.zip"), "out: cannot write 'no/a.zip': No such file or directory"),
        (("gradescope", "build", "lecture06", "--out", "."), "out: expected the name of a file, got the folder '.'"),
        (("gradescope", "build", "lecture06", "--out", ".", "--force"), "out: expected the name of a file, got the folder '.'"),
        (("assignment", "check", "no/a.toml"), "assignment: 'no/a.toml' cannot be read: No such file or directory"),
        (("diff", "missing", "missing"), "missing: expected a folder of grades, got none"),
    ],
)
def test_what_cannot_be_done_is_one_line(words: tuple[str, ...], expected: str) -> None:
    """On standard error, with exit code 2."""
    assert expected in _refused(*words)


def test_check_reports_every_problem(tmp_path: Path) -> None:
    """Each with file, line and key."""
    (tmp_path / "a.toml").write_text("title = 1\n[specs.vae_kl_loss]\npoints = { valu = 1 }\n")
    result = _conformance("assignment", "check", "a.toml")
    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == ["a.toml:1", "a.toml:3"]


def test_check_shows_what_it_is_worth() -> None:
    """A line a specification, hidden parts marked, the total last."""
    result = _conformance("assignment", "check", "lecture06")
    assert result.exit_code == 0
    assert "vae_kl_loss                  4  value 2, gradient 1, edges* 1" in result.stdout
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


def test_build_and_classroom_write_their_files(tmp_path: Path) -> None:
    """And refuse to replace them."""
    assert _conformance("gradescope", "build", "lecture06").exit_code == 0
    assert (tmp_path / "autograder.zip").stat().st_size > 100_000
    assert "expected a new file, found 'autograder.zip'" in _refused("gradescope", "build", "lecture06")
    assert _conformance("assignment", "classroom", "lecture06").exit_code == 0
    assert (tmp_path / ".github" / "workflows" / "conformance.yml").is_file()


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_diff_exits_as_diff_does(tmp_path: Path, form: str) -> None:
    """0 for two equal runs, 1 otherwise."""
    for run, outcome in (("old", "failed"), ("new", "passed")):
        write_grade(tmp_path / run, graded("ann", check("vae_kl_loss", "value", outcome)), Presentation())
    assert _conformance("diff", "old", "old", "--format", form).exit_code == 0
    result = _conformance("diff", "old", "new", "--format", form)
    assert result.exit_code == 1
    assert "ann" in result.stdout
    if form == "json":
        assert json.loads(result.stdout)[0]["difference"] == 2


def test_the_command_line_starts_without_the_optional_part() -> None:
    """Nothing of grading is imported before it is asked for; without its packages, the command says what to install."""
    code = (
        "import sys\n"
        "for name in ('nbformat', 'jinja2'): sys.modules[name] = None\n"
        "from conformance.cli import app\n"
        "assert not any(name.startswith('conformance.grading') for name in sys.modules)\n"
        "app(['assignment', 'new', 'lecture06'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "grading: expected nbformat to be installed, found none; pip install 'autoencoder-conformance[grading]'\n"
