"""What there is to be judged: `list`, `doctor`, and packages that register themselves, broken ones among them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conformance.respondent.frameworks import NotSupported, names
from conformance.targets import environment
from conformance.targets.environment import Availability
from reference.specification import catalogue
from tests.harness.running import conformance, refused, report
from tests.harness.submissions import RIGHT, write

KL = ("--spec", "vae_kl_loss", "--examples", "8")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


def test_list_shows_everything() -> None:
    """Every specification with equation, signature, quantities and source under the heading of its kind, and the targets that are found."""
    result = conformance("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    headings = {"function": lines.index("Formulas"), "tokenizer": lines.index("Tokenizers"), "model": lines.index("Models")}
    for spec in catalogue().values():
        place = lines.index(f"  {spec.name}  {', '.join(spec.quantities)}  {spec.source}")
        assert lines[place + 1].strip() == spec.equation
        assert lines[place + 2].strip().startswith(f"{spec.name}(")
        assert max((at, kind) for kind, at in headings.items() if at < place)[1] == spec.kind
    assert "      vae_kl_loss(mean, log_var, reduction='mean')" in lines
    assert "  impl_torch" in lines[lines.index("Targets") :]


def test_list_says_what_the_sources_are() -> None:
    """Every document that a specification cites by its number is named; the first is the lecture."""
    lines = conformance("list").stdout.splitlines()
    named = dict(line.split(maxsplit=1) for line in lines[lines.index("Sources") + 1 : lines.index("Targets") - 1])
    assert named.keys() == {number for spec in catalogue().values() for number in re.findall(r"\b\d{3}\b", spec.source)}
    assert "CSCI E-89B" in named["000"]


def test_the_version_is_shown() -> None:
    """One line, exit 0."""
    result = conformance("--version")
    assert (result.exit_code, result.stdout) == (0, f"conformance {environment.own_version()}\n")


def test_without_a_command_there_is_help() -> None:
    """The commands are listed, and no error is printed above them."""
    result = conformance()
    assert (result.exit_code, result.stderr) == (2, "")
    assert all(name in result.stdout for name in ("verify", "list", "reproduce", "doctor"))


def _install_both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installed packages register themselves; one of them cannot be imported. Nothing else is found."""
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr("conformance.respondent.frameworks.own_packages", dict)
    write(folder, RIGHT, "sound_third_party.py")
    write(folder, "import numpy\nraise KeyError('[gone]')", "broken_third_party.py")
    for name in ("sound", "broken"):
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[conformance.targets]\n{name} = {name}_third_party\n")


def test_a_broken_registered_package_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sound one is judged and decides the exit code; the broken one is named with its reason, in the report too."""
    _install_both(tmp_path, monkeypatch)
    result = conformance("verify", *KL, "--report", "r")
    assert (result.exit_code, result.stderr) == (0, "")
    words = " ".join(result.stdout.split())
    assert (
        "Cannot be run: broken_third_party: broken_third_party does not import: KeyError: '[gone]' (broken_third_party.py, line 2)"
        in words
    )
    assert "All 4 checks conform; 1 target cannot be run" in words
    outcomes = {(line["module"], line["outcome"]) for line in report(tmp_path / "r")[1:-1]}
    assert outcomes == {("sound_third_party", "passed"), ("broken_third_party", "not run")}


def test_a_broken_registered_package_that_is_named_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for it by name cannot have it: exit 2; and so it is if nothing else is there."""
    _install_both(tmp_path, monkeypatch)
    assert "KeyError" in refused("verify", *KL, "--target", "broken")
    assert "KeyError" in refused("verify", *KL, "--target", "sound", "--target", "broken")
    shutil.rmtree(tmp_path / "sound-1.0.dist-info")
    result = conformance("verify", *KL)
    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1] == "Nothing was checked."


@pytest.mark.parametrize("command", ["list", "doctor"])
def test_a_broken_registered_package_is_listed_as_such(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reason; the sound one without."""
    monkeypatch.setattr(environment, "availability", list)
    _install_both(tmp_path, monkeypatch)
    result = conformance(command)
    assert result.exit_code == 0
    assert result.stdout.count("does not import") == 1
    assert "KeyError: '[gone]' (broken_third_party.py, line 2)" in result.stdout
    assert "sound_third_party" in result.stdout


def test_doctor_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions, and every framework on every device, usable or missing and why."""
    rows = [Availability("torch", "cpu", "2.0", None), Availability("torch", "cuda", "2.0", "no CUDA [here]")]
    monkeypatch.setattr(environment, "availability", lambda: rows)
    result = conformance("doctor")
    assert result.exit_code == 0
    assert "torch       cpu   usable  2.0" in result.stdout
    assert "torch       cuda  missing  no CUDA [here]" in result.stdout
    assert "numpy" in result.stdout


def test_availability_names_every_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    """A framework that does not load is there with its reason; NumPy has the cpu, the others both devices and one more on request."""
    real = environment.frameworks.load

    def load(name: str) -> object:
        if name == "tensorflow":
            raise NotSupported("tensorflow is not installed")
        return real(name)

    monkeypatch.setattr(environment.frameworks, "load", load)
    rows = environment.availability()
    assert [(a.framework, a.device) for a in rows] == [
        ("numpy", "cpu"),
        ("tensorflow", "cpu"),
        ("torch", "cpu"),
        ("torch", "cuda"),
        ("torch", "meta"),
    ]
    assert {a.framework for a in rows} == set(names())
    assert rows[1].reason == "tensorflow is not installed"


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent packages are left out, and without an installation the project calls itself "source"."""

    def absent(name: str) -> str:
        raise environment.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(environment.importlib.metadata, "version", absent)
    assert environment.versions().keys() == {"python"}
    assert environment.own_version() == "source"
