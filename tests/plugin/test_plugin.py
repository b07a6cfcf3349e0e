"""The pytest plugin: cheap to load, in nobody's way, and the example project that uses it."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from conformance.faults.changed import reference

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "examples" / "own_project"
# What `import conformance.pytest_plugin` may cost a project that never uses it.
MOST_SECONDS = 0.02


def _pytest(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """pytest in a folder of its own, with this plugin and no other, printing what it prints to a person.

    Where CI or BUILD_NUMBER is set, pytest repeats every message in its summary.
    """
    ours = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    environment = {**ours, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "conformance.pytest_plugin", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_the_plugin_is_registered() -> None:
    """In the project's own file and, once it is installed, for every pytest."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]["pytest11"]
    assert declared == {"conformance": "conformance.pytest_plugin"}
    installed = {(point.name, point.value) for point in entry_points(group="pytest11")}
    assert set(declared.items()) <= installed, (
        "the installed metadata is older than pyproject.toml: python -m pip install -e . --no-deps"
    )


@pytest.mark.slow
def test_the_plugin_loads_nothing() -> None:
    """Neither NumPy nor any other part of the project; the quickest of five loads takes less than 20 ms."""
    code = (
        "import pytest, sys, time; started = time.perf_counter(); import conformance.pytest_plugin; "
        "print(time.perf_counter() - started, *sorted(n for n in sys.modules if n.partition('.')[0] in "
        "('numpy', 'torch', 'tensorflow', 'keras', 'scipy', 'sklearn', 'typer', 'rich', 'reference', 'conformance')))"
    )
    results = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(5)
    ]
    assert {tuple(loaded) for _, *loaded in results} == {("conformance", "conformance.pytest_plugin")}
    assert min(float(seconds) for seconds, *_ in results) < MOST_SECONDS


def test_the_plugin_defines_no_options() -> None:
    """This repository's own conftest.py has --target, --device, --dtype and --mode; a plugin with the same ones would stop pytest."""
    tree = ast.parse((ROOT / "conformance" / "pytest_plugin.py").read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not {name for name in names if name.startswith("pytest_")}


@pytest.mark.slow
def test_the_example_project_passes() -> None:
    """Its own tests, in its own folder."""
    result = _pytest(PROJECT, "-q", "-p", "no:cacheprovider")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 passed" in result.stdout


@pytest.mark.slow
def test_the_example_project_fails_with_a_reason(tmp_path: Path) -> None:
    """With ½ forgotten: one test fails, its message says on what, and the traceback ends at the team's own line."""
    shutil.copytree(PROJECT, tmp_path / "project")
    file = tmp_path / "project" / "my_vae.py"
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace("rows = 0.5 * (", "rows = ("), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != source
    result = _pytest(tmp_path / "project", "-q")
    assert result.returncode == 1
    assert "1 failed, 2 passed" in result.stdout
    for part in (
        "kl_divergence does not conform to vae_kl_loss in torch float32 on cpu",
        "value: expected 0.5, got 1.0",
        "mean = [[1.]]",
        "log_var = [[0.]]",
        "also wrong: gradient (float32), value (float64), gradient (float64)",
        "again: conforms('vae_kl_loss', kl_divergence, framework='torch', dtype='float32'",
    ):
        assert part in result.stdout, result.stdout
    assert "conforming.py" not in result.stdout


def test_the_fixture_skips_what_cannot_run_here(tmp_path: Path) -> None:
    """With the reason, where `conforms` itself raises."""
    (tmp_path / "test_it.py").write_text(
        "from reference import vae_kl_loss\n\ndef test_it(conforms):\n    conforms('vae_kl_loss', vae_kl_loss, device='cuda')\n",
        encoding="utf-8",
    )
    result = _pytest(tmp_path, "-q", "-rs")
    assert result.returncode == 0
    assert "1 skipped" in result.stdout
    assert "not run: NumPy computes on the cpu only" in result.stdout


@pytest.mark.slow
def test_the_command_of_the_message_shows_the_failure_again(tmp_path: Path) -> None:
    """Where the file offers the function under the specification's name."""
    (tmp_path / "losses.py").write_text(
        "import numpy as np\n\ndef l1_activity_loss(activations, weight=1e-3):\n    return weight * np.abs(activations).sum()\n",
        encoding="utf-8",
    )
    (tmp_path / "test_it.py").write_text(
        "from conformance import conforms\nfrom losses import l1_activity_loss\n\n"
        "def test_it():\n    conforms('l1_activity_loss', l1_activity_loss, dtype='float64')\n",
        encoding="utf-8",
    )
    result = _pytest(tmp_path, "-q", "-o", "pythonpath=.")
    (command,) = [line.split("or: ")[1] for line in result.stdout.splitlines() if "or: conformance reproduce" in line]
    words = [sys.executable, "-m", *command.split()]
    again = subprocess.run(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert again.returncode == 1, again.stderr
    assert "does not conform" in again.stdout


def test_diagnosis_works_under_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest loads the modules of a package that has plugins by a loader of its own, which has no source to give."""
    monkeypatch.setattr(importlib.util.find_spec("reference"), "loader", object())
    reference._sources.cache_clear()
    assert "def kl_sparsity_loss(" in reference._sources()["reference.formulas.sparsity"]
