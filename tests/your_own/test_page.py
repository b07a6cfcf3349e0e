"""What docs/your_own.md shows is a whole class: its files are taken out of the page, and grades come out as it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.references import reference_file
from tests.documentation.shown_lines import files_of
from tests.harness.running import conformance, refused

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The files of the page, and a class of three."""
    monkeypatch.chdir(tmp_path)
    files = files_of("your_own.md")
    for name, text in files.items():
        Path(name).write_text(text)
    Path("class").mkdir()
    right = files["my_torch.py"]
    literal = "(error + torch.nn.functional.softplus(-2 * error) - math.log(2))"
    wrong = ("(quantile - 1) * error)", "(quantile - 1) * error) * 2")
    assert right.count(literal) == right.count(wrong[0]) == 1
    Path("class/right.py").write_text(right)
    Path("class/literal.py").write_text(right.replace(literal, "torch.log(torch.cosh(error))"))
    Path("class/wrong.py").write_text(right.replace(*wrong))
    yield tmp_path
    reference_file.forget()


def test_the_class_is_graded(folder: Path) -> None:
    """Right and literal have all points; a loss that is doubled on one side loses those of its formula, and is named."""
    words = ("grade", "class/", "--assignment", "two_losses.toml", "--out", "grades/", "--isolation", "process", "--jobs", "1")
    result = conformance(*words)
    assert result.exit_code == 0, result.output
    grades = {path.parent.name: json.loads(path.read_text()) for path in Path("grades").rglob("grade.json")}
    scores = {name: grade["score"] for name, grade in grades.items()}
    assert scores == {"right": 8.0, "literal": 8.0, "wrong": 4.0}
    assert "2 times what is expected" in json.dumps(grades["wrong"])


def test_an_assignment_names_a_file_that_is_there(folder: Path) -> None:
    """Looked for beside the assignment, and refused like everywhere."""
    Path("my_formulas.py").rename("elsewhere.py")
    line = refused("assignment", "check", "two_losses.toml")
    assert line == "reference: expected a Python file, got 'my_formulas.py', which is none"
