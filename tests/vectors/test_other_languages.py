"""The checkers that docs/vectors.md shows, run as they stand: they need nothing of this project but a vector file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKER, HASH = re.findall(r"```js\n(.*?)```", (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8"), re.S)
(GRADIENT,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8"), re.S)
VECTORS = ROOT / "tests" / "vectors"
NODE = shutil.which("node")


def _node(folder: Path, source: str, file: Path) -> subprocess.CompletedProcess[str]:
    if NODE is None:
        pytest.skip("not run: no node on this machine")
    script = folder / "check.mjs"
    script.write_text(source, encoding="utf-8")
    return subprocess.run([NODE, script, file], capture_output=True, text=True, timeout=60)


def _python(folder: Path, source: str, file: Path) -> subprocess.CompletedProcess[str]:
    script = folder / "check.py"
    script.write_text(source, encoding="utf-8")
    # -I and -S: neither this project nor any installed package can be imported.
    return subprocess.run([sys.executable, "-I", "-S", script, file], cwd=folder, capture_output=True, text=True, timeout=60)


def test_a_right_function_in_javascript_agrees(tmp_path: Path) -> None:
    """Every case of the file, edges and overflows included."""
    result = _node(tmp_path, CHECKER, VECTORS / "vae_kl_loss.float64.json")
    assert (result.returncode, result.stderr) == (0, "")
    match = re.fullmatch(r"(\d+) of \1 cases agree\n", result.stdout)
    assert match is not None, result.stdout
    assert int(match[1]) >= 5


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("0.5 * (m * m", "(m * m"),
        ("(Math.expm1(g) - g)", "(Math.expm1(2 * g) - 2 * g)"),  # log σ for log σ²
        ("total / batch", "total"),
        ("= log_var.values[k]", "= Math.min(log_var.values[k], 10)"),
    ],
)
def test_a_wrong_function_in_javascript_does_not(right: str, wrong: str, tmp_path: Path) -> None:
    """A missing factor, another meaning of an input, a wrong reduction, a clamp: all of them catalogued."""
    assert CHECKER.count(right) == 1
    result = _node(tmp_path, CHECKER.replace(right, wrong), VECTORS / "vae_kl_loss.float64.json")
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.parametrize("name", ["binary_cross_entropy.float32", "CharTokenizer.float64", "CharClassifier.float32"])
def test_javascript_finds_the_same_hash(name: str, tmp_path: Path) -> None:
    """The canonical form does not depend on the language: numbers, texts of many scripts, and nested batches."""
    result = _node(tmp_path, HASH, VECTORS / f"{name}.json")
    assert (result.returncode, result.stdout) == (0, "whole\n")


def test_javascript_sees_damage(tmp_path: Path) -> None:
    """One digit changed."""
    damaged = tmp_path / "damaged.json"
    text = (VECTORS / "vae_kl_loss.float64.json").read_text(encoding="utf-8")
    damaged.write_text(text.replace('"3.625"', '"3.626"', 1), encoding="utf-8")
    assert damaged.read_text(encoding="utf-8") != text
    assert _node(tmp_path, HASH, damaged).returncode == 1


def test_a_right_gradient_in_python_agrees(tmp_path: Path) -> None:
    """With the standard library alone."""
    result = _python(tmp_path, GRADIENT, VECTORS / "l1_activity_loss.float64.json")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"), [("cotangent * weight", "weight"), ('/ activations["shape"][0]', ""), ("- (a < 0)", "+ (a < 0)")]
)
def test_a_wrong_gradient_in_python_does_not(right: str, wrong: str, tmp_path: Path) -> None:
    """Without the cotangent, without the share of the batch, without the sign."""
    assert GRADIENT.count(right) == 1
    result = _python(tmp_path, GRADIENT.replace(right, wrong), VECTORS / "l1_activity_loss.float64.json")
    assert (result.returncode, result.stderr) == (1, "")
