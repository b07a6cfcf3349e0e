"""What a teacher does with a file of two formulas: list it, verify, check and reproduce by it, and call `conforms`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conformance import conforms
from conformance.references import reference_file
from reference.specification import catalogue
from tests.harness.running import conformance

MINE = """
import numpy as np
from conformance.references import Choice, Number, Reals, specification

X = Reals(("samples",), -1e3, 1e3, typical=(-2.0, 2.0), edges=(0.0,))


@specification(
    equation="mean of max(q·e, (q − 1)·e), e = y − p", source="Koenker and Bassett 1978",
    domains={"targets": X, "predictions": X, "quantile": Number(0.0, 1.0, 0.5), "reduction": Choice(("mean", "none"))},
)
def pinball(targets, predictions, quantile=0.5, reduction="mean"):
    error = targets - predictions
    loss = np.maximum(quantile * error, (quantile - 1) * error)
    return loss.mean() if reduction == "mean" else loss


@specification(equation="√(1 + x²) − 1", source="Charbonnier 1994", domains={"x": X}, forms=[])
def charbonnier(x):
    return np.sqrt(1 + x**2) - 1
"""
RIGHT = """
import torch

def pinball(targets, predictions, quantile=0.5, reduction="mean"):
    e = targets - predictions
    loss = torch.where(e > 0, quantile * e, (quantile - 1) * e)
    return loss.mean() if reduction == "mean" else loss

def charbonnier(x):
    return torch.hypot(x, torch.ones_like(x)) - 1
"""
WRONG = RIGHT.replace("torch.where(e > 0, quantile * e, (quantile - 1) * e)", "torch.maximum(quantile * e, (1 - quantile) * e)")
# It looks wherever an answer could lie in its own process.
SPYING = RIGHT.replace(
    "import torch",
    """import sys
import torch
from reference.specification import catalogue

if "charbonnier" in catalogue() or any("my_formulas" in name for name in sys.modules):
    raise SystemExit("found it")
""",
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder with the reference file and targets."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"my_formulas": MINE, "right": RIGHT, "wrong": WRONG, "spying": SPYING}.items():
        (tmp_path / f"{name}.py").write_text(text)
    yield tmp_path
    reference_file.forget()


def _verified(target: str, *words: str):
    return conformance("verify", "--reference", "my_formulas.py", "--target", target, "--device", "cpu", "--examples", "32", *words)


def test_what_is_right_passes_and_nothing_else_is_asked(files: Path) -> None:
    """Value and gradient of both formulas, in float32 and float64, and no formula of this project's."""
    result = _verified("right.py")
    assert result.exit_code == 0, result.stdout
    assert "charbonnier" in result.stdout
    assert "huber_loss" not in result.stdout


@pytest.mark.slow
def test_a_mistake_is_named_by_the_function_as_it_is_written(files: Path) -> None:
    """One change of the file's own line explains every answer; the line that shows it again names the file."""
    result = _verified("wrong.py", "--spec", "pinball", "--dtype", "float64")
    assert result.exit_code == 1
    words = " ".join(result.stdout.split())
    assert "one change explains" in words
    assert "`quantile - 1`" in words
    line = next(line for line in result.stdout.splitlines() if "conformance reproduce" in line)
    again = conformance(*line.split()[1:])
    assert again.exit_code == 1, again.stderr
    assert "does not conform" in again.stdout


@pytest.mark.slow
def test_who_answers_has_forgotten_the_file(files: Path) -> None:
    """In the process of a target neither the catalogue nor a module holds what the file says; without the rule this target ends."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "conformance", "verify", "--reference", "my_formulas.py", "--target", "spying.py"]
    result = subprocess.run([*command, "--device", "cpu", "--examples", "8", "--jobs", "1"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_what_is_listed_is_the_file(files: Path) -> None:
    """Its formulas, with equation, source and signature."""
    result = conformance("list", "--reference", "my_formulas.py")
    assert result.exit_code == 0
    assert "charbonnier(x)" in result.stdout
    assert "Charbonnier 1994" in result.stdout
    assert "huber_loss" not in result.stdout


@pytest.mark.slow
def test_one_file_is_checked_as_a_student_does(files: Path) -> None:
    """Right and wrong, inside the walls, with the sentence for the mistake."""
    words = ("check", "--isolation", "process", "--reference", "my_formulas.py")
    right, wrong = conformance(*words, "right.py"), conformance(*words, "wrong.py")
    assert right.exit_code == 0, right.stdout + right.stderr
    assert wrong.exit_code == 1
    assert "pinball" in wrong.stdout


def test_conforms_takes_the_file(files: Path) -> None:
    """A function in a test of one's own, right and wrong."""

    def charbonnier(x):
        return np.sqrt(1 + x**2) - 1

    conforms("charbonnier", charbonnier, framework="numpy", dtype="float64", examples=16, reference="my_formulas.py")
    with pytest.raises(AssertionError, match="charbonnier"):
        conforms(
            "charbonnier", lambda x: np.sqrt(1 + x**2), framework="numpy", dtype="float64", examples=16, reference="my_formulas.py"
        )


def test_a_changed_file_is_read_again(files: Path) -> None:
    """The same path, another content: the catalogue has what stands there now."""
    reference_file.load("my_formulas.py")
    (files / "my_formulas.py").write_text(MINE.replace("def charbonnier", "def pseudo_huber"))
    reference_file.load("my_formulas.py")
    assert "pseudo_huber" in catalogue()
    assert "charbonnier" not in catalogue()
