"""What a worker sees of folders in which something is hidden: all that it needs, whatever happens to them, and nothing else."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from conformance.grading.sandbox.inside.mounts import mounts_of
from conformance.grading.sandbox.inside.resource_limits import ResourceLimits
from conformance.grading.sandbox.inside.sandbox_layout import EMPTY_FILE, EMPTY_FOLDER, SandboxLayout
from conformance.grading.sandbox.judge import worker_files
from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.isolation_probe import obstacle
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.respondent.interview import Question
from conformance.respondent.responses import Returned

LEVELS = [isolation("bubblewrap", True), isolation("landlock", True), isolation("landlock", False), isolation("namespaces", True)]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of packages, with this project among them, a compiled module, and links."""
    folder = tmp_path / "site-packages"
    (folder / "__pycache__").mkdir(parents=True)
    for number in range(3):
        (folder / f"package{number}").mkdir()
        (folder / f"package{number}" / "__init__.py").write_text(f"number = {number}\n")
        (folder / f"module{number}.py").touch()
    (folder / "__pycache__" / "module1.pyc").touch()
    (folder / "__pycache__" / "module2.pyc.7139").touch()
    _install_project(folder)
    (folder / "own.pth").touch()
    (folder / "__pycache__" / "own.pyc").touch()
    (tmp_path / "elsewhere").mkdir()
    (folder / "own_link").symlink_to(folder / "reference")
    return folder


def _install_project(folder: Path) -> None:
    (folder / "reference").mkdir()
    (folder / "reference" / "__init__.py").write_text("answer = 42\n")


def _layout(folder: Path, landlock: bool = True) -> SandboxLayout:
    paths = [path for path in (*folder.iterdir(), *(folder / "__pycache__").iterdir()) if path.name != "__pycache__"]
    hidden = ("reference", "own", "module2.pyc")
    readable = sorted(str(path) for path in paths if not path.name.startswith(hidden))
    walls = {"namespaces": False, "mounted": True, "landlock": landlock, "seccomp": True}
    return SandboxLayout("/nowhere", tuple(readable), (str(folder),), (str(folder), "/missing"), **walls)


def test_a_folder_is_shown_whole_and_what_is_not_wanted_is_covered(packages: Path) -> None:
    """Of folders on the way to something wanted only what is not wanted, and that is there to stay."""
    mounts = mounts_of(_layout(packages))
    assert mounts.shown == (str(packages),)
    assert set(mounts.covers) == {
        (str(packages / "reference"), EMPTY_FOLDER),
        (str(packages / "own.pth"), EMPTY_FILE),
        (str(packages / "__pycache__" / "own.pyc"), EMPTY_FILE),
    }


def test_without_landlock_everything_is_shown_by_itself(packages: Path) -> None:
    """A cover alone is no wall."""
    layout = _layout(packages, landlock=False)
    mounts = mounts_of(layout)
    assert mounts.shown == layout.readable
    assert mounts.covers == ()


def test_links_lead_where_they_lead_outside(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a target that is shown too; or else, and where a link is on the way, everything is shown by itself."""
    monkeypatch.setattr(SandboxLayout, "seen", lambda layout, path: path)
    (packages / "linked").symlink_to(packages.parent / "elsewhere")
    assert mounts_of(_layout(packages)).shown == (str(packages), str(packages.parent / "elsewhere"))
    layout = _layout(packages)
    monkeypatch.setattr(SandboxLayout, "seen", lambda layout, path: f"/outside{path}")
    assert mounts_of(layout).shown == layout.readable
    monkeypatch.setattr(SandboxLayout, "seen", lambda layout, path: path)
    (packages / "__pycache__").rename(packages.parent / "compiled")
    (packages / "__pycache__").symlink_to(packages.parent / "compiled")
    layout = _layout(packages)
    assert str(packages / "__pycache__" / "module1.pyc") in layout.readable
    assert mounts_of(layout).shown == layout.readable


def test_every_path_of_a_room_is_shown_and_no_hidden_one() -> None:
    """Of this machine's own interpreter and libraries: nothing is lost, nothing is gained, and mounts are few."""
    layout = worker_files.create_worker_files(namespaces=True, mounted=True, landlock=True, seccomp=True)
    worker_files.remove_worker_files(layout)
    mounts = mounts_of(layout)
    wanted = set(layout.readable)

    def is_shown(path: str) -> bool:
        under = [top for top in mounts.shown if f"{path}/".startswith(f"{top}/")]
        covered = [top for top, _ in mounts.covers if f"{path}/".startswith(f"{top}/")]
        return bool(under) and max(map(len, under)) > max(map(len, covered), default=0)

    assert all(is_shown(path) for path in wanted)
    for folder in {os.path.dirname(path) for path in wanted}:
        beside = {entry.path for entry in os.scandir(folder) if not entry.is_symlink() and ".pyc." not in entry.name} - wanted
        gained = {path for path in beside if is_shown(path) and not any(parent.startswith(f"{path}/") for parent in wanted)}
        assert not gained
    assert len(mounts.shown) + len(mounts.covers) < len(wanted) / 4


_SOURCE = """
import importlib, json, os
import numpy as np
def f(folder):
    found = []
    for name in ("package1", "reference", "late"):
        try:
            module = importlib.import_module(name)
            found.append(getattr(module, "number", 0) + 1 if getattr(module, "number", None) is not None else getattr(module, "answer", 0))
        except (ImportError, OSError):
            found.append(-1)
    for path in ("reference/__init__.py", "late/__init__.py"):
        try:
            found.append(len(open(os.path.join(folder, path)).read()))
        except OSError:
            found.append(-1)
    return np.array(found, dtype=np.float64)
"""


@pytest.mark.slow
@pytest.mark.parametrize("walls", LEVELS, ids=lambda walls: f"{walls.level}-{len(walls.layers)}")
def test_an_update_during_grading_uncovers_nothing(walls, packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project is installed anew beside running workers: every later submission can import packages, and not read the answers."""
    if (reason := obstacle(walls)) is not None:
        pytest.skip(f"not run: {reason}")
    theirs = worker_files.library_folders()
    monkeypatch.setattr(worker_files, "_project_folders", lambda: (str(packages / "reference"),))
    monkeypatch.setattr(worker_files, "library_folders", lambda: [*theirs, str(packages)])
    with Workers(walls, ResourceLimits()) as workers:

        def found() -> list[float]:
            inside = f"/outside{packages}" if "read-only root" in walls.layers else str(packages)
            with workers.open("numpy", {"submission.py": _SOURCE.encode()}) as subject:
                response = subject.ask(Question("f", "function", (), ("value",), {"folder": inside}), 5.0)["value"]
            assert isinstance(response, Returned), response
            return np.asarray(response.outputs["value"].array).tolist()

        before = found()
        shutil.rmtree(packages / "reference")
        _install_project(packages)
        (packages / "late").mkdir()
        (packages / "late" / "__init__.py").write_text("answer = 42\n")
        after = found()
    for numbers in (before, after):
        imported, *others = numbers
        assert imported == 2
        assert max(others) <= 0, numbers


def _readable(monkeypatch: pytest.MonkeyPatch, project: Path) -> Callable[[str], bool]:
    """Whether a path would be readable, were the project there."""
    monkeypatch.setattr(worker_files, "_project_folders", lambda: (str(project / "reference"),))
    layout = worker_files.create_worker_files(namespaces=True, mounted=True, landlock=True, seccomp=True)
    worker_files.remove_worker_files(layout)
    return lambda path: any(f"{os.path.realpath(path)}/".startswith(f"{os.path.realpath(top)}/") for top in layout.readable)


def test_a_project_inside_the_standard_library_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where it lies deeper; what lies beside it is."""
    standard = tmp_path / "lib" / "python3"
    (standard / "grader" / "reference").mkdir(parents=True)
    (standard / "json").mkdir()
    paths = sysconfig.get_path
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(standard) if name == "stdlib" else paths(name))
    is_readable = _readable(monkeypatch, standard / "grader")
    assert is_readable(str(standard / "json"))
    assert not is_readable(str(standard / "grader" / "reference"))


def test_a_project_inside_a_system_folder_is_not_shown_under_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not through a link to the folder either."""
    (tmp_path / "system" / "grader" / "reference").mkdir(parents=True)
    (tmp_path / "system" / "library").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "system")
    monkeypatch.setattr(worker_files, "_SYSTEM", (str(tmp_path / "system"), str(tmp_path / "alias")))
    is_readable = _readable(monkeypatch, tmp_path / "system" / "grader")
    assert is_readable(str(tmp_path / "alias" / "library"))
    assert not is_readable(str(tmp_path / "system" / "grader" / "reference"))


def test_relative_folders_of_libraries_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would mean another place inside."""
    (tmp_path / "libown.so").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LD_LIBRARY_PATH", f".:/{tmp_path}")
    layout = worker_files.create_worker_files(namespaces=True, mounted=True, landlock=True, seccomp=True)
    worker_files.remove_worker_files(layout)
    assert [path for path in layout.readable if path.endswith("libown.so")] == [str(tmp_path / "libown.so")]
    assert mounts_of(layout).shown
