"""`conformance check`: what a student reads before handing in, and which exit code a workflow gets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.errors import NoIsolation
from conformance.grading.publish.autograder_bundles import classroom_files
from conformance.grading.sandbox.judge import isolation_probe, worker_files
from tests.architecture.signatures import ROOT
from tests.grading.in_process_workers import RIGHT
from tests.grading.small_class import ASSIGNMENT, OPEN, WITH, conformance, descendants, refused, runs, write_small_class
from tests.grading.test_notebooks import notebook
from tests.harness.misplaced import MIXED, divergence
from tests.harness.submissions import write


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_class(tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("check",), "Missing argument 'FILE'; see conformance check --help"),
        (("check", "missing.py"), "file: expected a file or folder, got 'missing.py', which is not there"),
        (("check", "empty"), "empty: expected submission.py or submission.ipynb, got no file at all"),
        (("check", "file"), "file: expected a .py, .ipynb or .zip file or a folder, got a file without suffix"),
        (("check", "latin.py"), "latin.py: latin.py is not UTF-8"),
        (
            ("check", "class/ann.py", "--assignment", "week9"),
            "assignment: 'week9' cannot be read: No such file or directory; lecture06 is shipped",
        ),
        (("check", "class/ann.py", "--assignment", "private.toml"), "assignment: expected one with public checks, found none in"),
        (("check", "class/ann.py", "--isolation", "paper"), "isolation: expected one of bubblewrap, landlock, namespaces, process"),
        (
            ("check", "class/ann.py", "--assignment", "torch.toml", *OPEN),
            "class/ann.py: expected a submission in torch, got one in numpy",
        ),
        (("check", "none.py", *OPEN), "none: expected one of mean_squared_error, "),
        (("check", "syntax.py", *OPEN), "syntax.py does not import: SyntaxError: invalid syntax (syntax.py, line 1)"),
        (("check", "raises.py", *OPEN), "raises: import: raised RuntimeError: first (raises.py, line 1)"),
    ],
)
def test_what_cannot_be_checked_is_one_line(words: tuple[str, ...], expected: str) -> None:
    """On standard error, with exit code 2."""
    assert refused(*words).startswith(expected)


def test_only_public_checks_are_asked_and_they_are_the_same_for_everybody() -> None:
    """Without a secret: what is decided is decided by `grade`."""
    result = conformance("check", "class/ann.py", *WITH, *OPEN)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0].split() == ["✓", "vae_kl_loss", "value", "2", "/", "2"]
    assert result.stdout.splitlines()[-1] == "2 of 2 points"
    assert "edges" not in result.stdout


def test_a_mistake_is_explained() -> None:
    """What was asked, the smallest input, both results, the mistake, a hint; exit code 1."""
    result = conformance("check", "class/bob.py", *WITH, *OPEN)
    assert (result.exit_code, result.stderr) == (1, "")
    for line in ("mean = [[1.]]", "Right would be:", "The factor ½ is missing.", "A hint:", "0 of 2 points"):
        assert line in result.stdout
    assert "\x1b" not in result.stdout


def test_without_an_assignment_everything_that_the_file_offers_is_checked() -> None:
    """Its four formulas, gradients where NumPy has some, and nothing that it does not have."""
    result = conformance("check", "class/ann.py", *OPEN)
    table = [line.split()[1:3] for line in result.stdout.splitlines() if line.startswith("✓")]
    assert result.exit_code == 0, result.stdout
    assert [name for name, part in table if part == "value"] == [
        "mean_squared_error", "l1_activity_loss", "vae_kl_loss", "reparameterize",
    ]  # fmt: skip
    assert [name for name, part in table if part == "gradient"] == ["vae_kl_loss", "reparameterize"]
    assert "✗" not in result.stdout


def test_where_no_walls_can_be_built_students_check_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is their own code on their own machine, and the output says so; walls that are asked for are never left out."""
    walled = isolation_probe.walled

    def without(make: object, framework: str = "numpy", level: str | None = None) -> object:
        if level != "process":
            raise NoIsolation("there are none here")
        return walled(make, framework, level)  # type: ignore[arg-type]

    monkeypatch.setattr(isolation_probe, "walled", without)
    result = conformance("check", "class/ann.py", *WITH)
    assert result.exit_code == 0
    assert "with resource limits only" in result.stdout
    assert refused("check", "class/ann.py", *WITH, "--isolation", "landlock") == "there are none here"


@pytest.mark.parametrize("hide", [True, False])
def test_a_framework_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch, hide: bool) -> None:
    """Whether this program or the worker misses it."""
    Path("torchy.py").write_text("import torch\n" + RIGHT)
    if hide:
        monkeypatch.setattr(
            "conformance.respondent.frameworks.missing_framework", lambda name: f"{name} is not installed; install it"
        )
    monkeypatch.setattr(worker_files, "_OWN", (*worker_files._OWN, "torch"))
    assert "torch is not installed" in refused("check", "torchy.py", *WITH, *OPEN)


@pytest.mark.slow
def test_the_workflow_of_github_classroom_runs(tmp_path: Path) -> None:
    """Its command, with the file that it writes, in a student's repository: right exits with 0, wrong with 1, and says why."""
    from conformance.grading.assignment.assignment_file import parse

    for path, content in classroom_files(parse(ASSIGNMENT, "a"), ASSIGNMENT, "submission.py").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    workflow = (tmp_path / ".github/workflows/conformance.yml").read_text()
    (command,) = [line.partition("run: ")[2] for line in workflow.splitlines() if "run: conformance" in line]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/conformance").write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m conformance "$@"\n')
    (tmp_path / "bin/conformance").chmod(0o755)
    for source, code, sentence in ((RIGHT, 0, "2 of 2 points"), (RIGHT.replace("0.5 *", "", 1), 1, "The factor ½ is missing.")):
        (tmp_path / "submission.py").write_text(source)
        environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        done = subprocess.run(["bash", "-ec", command], env=environment, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (code, "")
        assert sentence in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), WITH])
def test_what_was_left_out_of_a_notebook_is_said(words: tuple[str, ...]) -> None:
    """A cell that is left out whole is named, whether or not anything else was found."""
    Path("timed.ipynb").write_bytes(notebook(f"%%time\n{RIGHT}"))
    result = conformance("check", "timed.ipynb", *words, *OPEN)
    assert result.exit_code in (1, 2)
    assert "cell 1: left out whole, because it begins with %%time" in result.stdout + result.stderr


@pytest.mark.slow
def test_ctrl_c_is_answered() -> None:
    """Exit code 130 and one word, with nothing left running."""
    Path("slow.py").write_text("import time\ntime.sleep(60)\n")
    words = (sys.executable, "-m", "conformance", "check", "slow.py", *OPEN)
    pipe, environment = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    end = time.monotonic() + 60
    while len(descendants(run.pid)) < 2 and time.monotonic() < end:  # the fork server, and its copy that imports the file
        time.sleep(0.05)
    started = descendants(run.pid)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does it: to every process of the group, which is the test's own
    out, err = run.communicate(timeout=30)
    assert (run.returncode, out, err) == (130, "", "Interrupted.\n")
    assert [process for process in started if runs(process)] == []


@pytest.mark.slow
def test_the_framework_is_said_and_can_be_told() -> None:
    """Without doubt it is the student who is told why; a name that is no framework is refused."""
    result = conformance("check", "class/ann.py", *WITH, *OPEN)
    assert "judged as NumPy, because line" in result.stdout
    told = conformance("check", "class/ann.py", *WITH, *OPEN, "--framework", "numpy")
    assert "judged as NumPy, because --framework says so" in told.stdout
    assert refused("check", "class/ann.py", *WITH, *OPEN, "--framework", "jax").startswith("framework: expected one of")


@pytest.mark.slow
def test_a_file_can_be_asked_without_a_card(tmp_path: Path) -> None:
    """On meta shapes, dtypes and devices count, which is said; what lies on the CPU is named with its line, and no value is explained."""
    path = write(tmp_path, divergence("mean = mean @ torch.eye(mean.shape[1], dtype=mean.dtype)"), "mine.py")
    result = conformance("check", path, "--device", "meta", "--isolation", "process")
    text = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert f"{MIXED}: mm was given tensors on meta and on cpu (mine.py, line 5)" in text
    assert "asked on meta, so ✓ is by shapes, dtypes and devices; no values" in text
    assert "The mistake" not in text
    twice = write(tmp_path, divergence(rows="2 * rows"), "twice.py")
    assert conformance("check", twice, "--device", "meta", "--isolation", "process").exit_code == 0
    assert refused("check", path, "--device", "cuda") == "device: expected one of cpu, cpu:1, meta; got 'cuda'"
    assert refused("check", path, "--device", "cpu:1").startswith("device: expected one that a target's framework has; got 'cpu:1'")
