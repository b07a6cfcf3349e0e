"""The model in docs/targets.md is a whole target: taken out of the page it conforms, and broken it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from tests.harness.submissions import write

PAGE = (Path(__file__).parents[2] / "docs" / "targets.md").read_text(encoding="utf-8")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The source of the only Python block of the page; the current folder is a new one."""
    monkeypatch.chdir(tmp_path)
    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return source


def _verify(source: str) -> tuple[int, str]:
    path = write(Path.cwd(), source, "linear.py")
    words = ("verify", "--target", path, "--spec", "LinearAutoencoder", "--device", "cpu", "--examples", "96")
    result = CliRunner().invoke(app, words)
    return result.exit_code, " ".join(result.stdout.split())


def test_the_example_conforms(model: str) -> None:
    """In activations, value, gradient and training, in both dtypes; drawn cases reach every optimiser."""
    code, text = _verify(model)
    assert (code, "All 8 checks conform (" in text) == (0, True), text


@pytest.mark.slow
@pytest.mark.parametrize(("right", "wrong"), [
    ("** 2).mean()", "** 2).sum()"), ("return tensor.T if", "return -tensor.T if"), ("alpha=0.9, eps=1e-7", "alpha=0.99, eps=1e-7"),
    ("nesterov=True", "nesterov=False"), ("factor = -learning_rate", "factor = learning_rate"),
    ("losses.append(total.item())", "losses.append(0.0)"),
])  # fmt: skip
def test_every_part_of_the_example_is_needed(model: str, right: str, wrong: str) -> None:
    """Whatever line of it is wrong, it is found."""
    assert model.count(right) == 1
    assert _verify(model.replace(right, wrong))[0] == 1


def test_the_page_names_every_method_that_is_called(model: str) -> None:
    """What the example defines is in the table of the page, and nothing in the table is missing from both."""
    described = set(re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE)) - {
        "conformance",
        "Model",
        "pretrain",
    }  # the last is of another model
    defined = set(re.findall(r"^    def ([a-z]\w+)\(", model, re.MULTILINE)) | {"optimizer_state"}
    assert described == defined
