"""What is uploaded elsewhere: the bundle installs, its scripts run in Gradescope's layout, and nothing goes wrong in silence."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conformance.grading.assignment.assignment import Assignment, shipped
from conformance.grading.assignment.assignment_file import load, parse
from conformance.grading.publish import autograder_bundles, wheel
from conformance.grading.publish.autograder_bundles import classroom_files, extras_of, gradescope_bundle, wheels_in
from tests.architecture.signatures import ROOT
from tests.grading.in_process_workers import RIGHT

TEXT = 'title = "T"\nframeworks = ["torch"]\n[specs.vae_kl_loss]\npoints = { value = 1 }\n'
SEED = b"secret of the course"
OUT = 'while [ $# -gt 0 ]; do [ "$1" = --out ] && out="$2"; shift; done'


def _assignment() -> Assignment:
    return parse(TEXT, "a.toml")


@pytest.fixture(scope="module")
def bundle() -> bytes:
    """autograder.zip of a small assignment."""
    return gradescope_bundle(_assignment(), TEXT, SEED, {"other-1.0-py3-none-any.whl": b"wheel"})


@pytest.fixture
def layout(bundle: bytes, tmp_path: Path) -> Path:
    """Folders as Gradescope makes them, with the bundle unpacked in `source`."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path / "source")
        for info in archive.infolist():
            (tmp_path / "source" / info.filename).chmod(info.external_attr >> 16 & 0o777)
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "vae.py").write_text("x = 1\n")
    return tmp_path


def _run(layout: Path, grader: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """run_autograder with a grader that is the given shell script; its arguments are in $@."""
    script = layout / "grader"
    script.write_text(f"#!/usr/bin/env bash\n{grader}\n")
    script.chmod(0o755)
    environment = {**os.environ, "AUTOGRADER_ROOT": str(layout), "CONFORMANCE": str(script), **variables}
    return subprocess.run([str(layout / "source" / "run_autograder")], env=environment, capture_output=True, text=True, timeout=120)


def test_the_bundle_holds_what_its_scripts_need(bundle: bytes) -> None:
    """Two scripts that may be executed, the wheel, the assignment, the seed, the versions."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert {name for name, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}
        assert archive.read("assignment.toml").decode() == TEXT
        assert archive.read("seed") == SEED
        assert archive.read("extras.txt") == b"grading,torch"
        assert archive.read("wheels/other-1.0-py3-none-any.whl") == b"wheel"
        pins = archive.read("constraints.txt").decode().splitlines()
        assert sum(name.endswith(".whl") for name in modes) == 2
    names = {pin.partition("==")[0] for pin in pins}
    assert {"numpy", "pydantic", "nbformat", "jinja2", "torch"} <= names
    assert not {"tensorflow", "pytest", wheel.DISTRIBUTION} & names
    assert not any("+" in pin for pin in pins)


def test_the_bundle_is_the_same_every_time(bundle: bytes) -> None:
    """But for a fresh secret where none is given."""
    again = gradescope_bundle(_assignment(), TEXT, SEED, {"other-1.0-py3-none-any.whl": b"wheel"})
    assert again == bundle
    seeds = []
    for _ in range(2):
        with zipfile.ZipFile(io.BytesIO(gradescope_bundle(_assignment(), TEXT))) as archive:
            seeds.append(archive.read("seed"))
    assert seeds[0] != seeds[1]
    assert all(len(seed) == 65 for seed in seeds)


def test_the_scripts_are_valid_shell() -> None:
    """bash reads them without running them."""
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(autograder_bundles._BUNDLE / script)], check=True)


def test_run_autograder_hands_over_the_results(layout: Path) -> None:
    """The whole submission folder as one submission, with the assignment and the seed of the bundle."""
    done = _run(
        layout,
        'printf "%s\\n" "$@" >"$AUTOGRADER_ROOT/arguments"\n'
        f"{OUT}\n"
        'mkdir -p "$out/submission" && echo \'{"tests": []}\' >"$out/submission/results.json"',
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((layout / "results" / "results.json").read_text()) == {"tests": []}
    words = (layout / "arguments").read_text().splitlines()
    source = layout / "source"
    assert words[:5] == ["grade", str(layout / "submission"), "--one", "--assignment", str(source / "assignment.toml")]
    assert words[7:] == ["--seed-file", str(source / "seed"), "--format", "gradescope"]


@pytest.mark.parametrize(
    "grader",
    ["exit 3", "kill -9 $$", "true", f'{OUT}\nmkdir -p "$out"/{{a,b}}; echo 1 | tee "$out"/{{a,b}}/results.json'],
)  # fmt: skip
def test_a_grader_that_fails_leaves_no_results(layout: Path, grader: str) -> None:
    """Not even those of an earlier run, nor a zero: Gradescope shows a failed autograder."""
    (layout / "results").mkdir()
    (layout / "results" / "results.json").write_text('{"score": 100}')
    done = _run(layout, grader)
    assert done.returncode == 1
    assert "not the student's fault" in done.stderr
    assert list((layout / "results").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(("old", "score"), [("", 1.0), ("0.5 * ", 0.0)])
def test_run_autograder_grades(layout: Path, old: str, score: float) -> None:
    """With the real grader: the test's score is in results.json, and nothing else is left on the machine."""
    (layout / "submission" / "vae.py").write_text(
        "import torch\n" + RIGHT.replace(old, "", 1).replace("np.", "torch.").replace("axis", "dim")
    )
    temporary = layout / "temporary"
    temporary.mkdir()
    done = _run(
        layout,
        f'export TMPDIR="{temporary}"; cd "{layout}"; PYTHONPATH="{ROOT}" exec "{sys.executable}" -m conformance "$@" --isolation process',
        TMPDIR=str(temporary),
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = json.loads((layout / "results" / "results.json").read_text())
    assert [test["score"] for test in page["tests"]] == [score]
    assert page["extra_data"]["isolation"] == "process"
    assert list(temporary.iterdir()) == []


def test_the_wheel_is_what_installers_expect() -> None:
    """Every file is in RECORD with its hash; no compiled file, test or solution is in it."""
    name, content = wheel.build()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    info = next(entry for entry in files if entry.endswith("/RECORD")).partition("/")[0]
    recorded = {row[0]: row[1] for row in csv.reader(io.StringIO(files[f"{info}/RECORD"].decode()))}
    assert set(recorded) == set(files)
    for entry, digest in recorded.items():
        if digest:
            assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(files[entry]).digest()).rstrip(b"=").decode()
    assert name.startswith("autoencoder_conformance-")
    assert {
        "reference/__init__.py",
        "conformance/reports/templates/page.css",
        "conformance/grading/assignment/shipped/lecture06.toml",
    } <= set(files)
    assert not any(entry.startswith(("impl_", "tests/")) or entry.endswith(".pyc") for entry in files)


@pytest.mark.slow
def test_the_wheel_installs_and_runs(tmp_path: Path) -> None:
    """pip takes it without an index; what it installs lists the specifications and checks the shipped assignment."""
    name, content = wheel.build()
    (tmp_path / name).write_bytes(content)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--target",
        str(tmp_path / "site"),
        str(tmp_path / name),
    ]
    subprocess.run(pip, check=True, timeout=60, stderr=subprocess.DEVNULL)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    code = "import conformance, sys; from conformance.cli import main; print(conformance.__file__); main()"
    command = [sys.executable, "-c", code, "assignment", "check", "lecture06"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "site") in done.stdout
    assert "total                      100" in done.stdout


def test_extras_follow_the_frameworks() -> None:
    """Nobody waits for a framework that is not asked for."""
    path = shipped("lecture06")
    assert path is not None
    assert extras_of(load(path)) == ("grading", "torch", "tf")
    assert extras_of(_assignment()) == ("grading", "torch")


def test_an_installation_that_is_older_than_the_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requirements would not be those of the wheel."""

    class Old:
        version = "0.0.1"

        def read_text(self, name: str) -> str:
            return "Metadata-Version: 2.1\nName: x\n"

    monkeypatch.setattr(wheel.importlib.metadata, "distribution", lambda name: Old())
    with pytest.raises(wheel.CannotBuild, match="install it again"):
        wheel.build()


def test_the_classroom_files_are_public() -> None:
    """A workflow that runs the public checks, and what it installs; no secret among them."""
    files = classroom_files(_assignment(), TEXT, "work/vae.py")
    workflow = files[".github/workflows/conformance.yml"].decode()
    assert 'conformance check "work/vae.py" --assignment .github/conformance/assignment.toml' in workflow
    assert "{" not in workflow.replace("${{", "")
    (installed,) = [name for name in files if name.endswith(".whl")]
    assert f'"{installed}[grading,torch]"' in workflow
    assert not any("seed" in name for name in files)
    assert all("\t" not in line and len(line) - len(line.lstrip()) in (0, 2, 4, 6, 8, 10) for line in workflow.splitlines())


@pytest.mark.parametrize("path", ["", "-rf", "/etc/x", "a/../b", 'a"; curl evil', "a b", "$(x)", "a\nb", "{{x}}"])
def test_a_path_that_a_shell_would_read_is_refused(path: str) -> None:
    """It stands in a command of the workflow."""
    with pytest.raises(ValueError, match="expected a relative path"):
        classroom_files(_assignment(), TEXT, path)


def test_only_wheels_are_taken_from_a_folder(tmp_path: Path) -> None:
    """By name, in order."""
    for name in ("b.whl", "a.whl", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert list(wheels_in(tmp_path).items()) == [("a.whl", b"a.whl"), ("b.whl", b"b.whl")]
