"""What a worker sees of a folder in which something is hidden, through few mounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.grading.isolation.furnish import clear, furnish
from conformance.grading.isolation.view import view


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of packages, with one that is not for workers, a compiled one, and a link that leads out."""
    folder = tmp_path / "packages"
    (folder / "__pycache__").mkdir(parents=True)
    for number in range(12):
        (folder / f"package{number}").mkdir()
        (folder / f"module{number}.py").touch()
        (folder / "__pycache__" / f"module{number}.pyc").touch()
    (folder / "reference").mkdir()
    (folder / "own.pth").touch()
    (folder / "__pycache__" / "own.pyc").touch()
    (tmp_path / "elsewhere").mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "own_link").symlink_to(folder / "reference")
    return folder


def _readable(folder: Path) -> list[str]:
    found = [path for path in (*folder.iterdir(), *(folder / "__pycache__").iterdir()) if path.name != "__pycache__"]
    return sorted(str(path) for path in found if not path.name.startswith(("reference", "own")))


def test_a_folder_is_shown_whole_and_what_is_not_wanted_is_covered(packages: Path) -> None:
    """Of folders on the way to something wanted only what is not wanted."""
    found = view(_readable(packages))
    assert found.shown == (str(packages), str(packages.parent / "elsewhere"))
    assert found.hidden_folders == (str(packages / "reference"),)
    assert set(found.hidden_files) == {str(packages / "own.pth"), str(packages / "__pycache__" / "own.pyc")}


def test_few_of_many_are_shown_one_by_one(packages: Path) -> None:
    """A folder that is mostly hidden is none to mount."""
    few = [str(packages / "package3"), str(packages / "module4.py")]
    assert view(few).shown == tuple(few)
    for number in range(40):
        (packages / f"private{number}").touch()
    wanted = [path for path in _readable(packages) if "private" not in path]
    shown = view(wanted).shown
    assert str(packages) not in shown
    assert not [path for path in shown if "private" in path]


def test_every_path_of_a_room_is_shown_and_no_hidden_one() -> None:
    """Of this machine's own interpreter and libraries: nothing is lost, nothing is gained, and mounts are few."""
    room = furnish(namespaces=True, mounted=True, landlock=False, seccomp=True)
    clear(room)
    found = view(room.readable)
    wanted = set(room.readable)

    def is_shown(path: str) -> bool:
        under = [top for top in found.shown if f"{path}/".startswith(f"{top}/")]
        covered = [top for top in (*found.hidden_folders, *found.hidden_files) if f"{path}/".startswith(f"{top}/")]
        return bool(under) and max(map(len, under)) > max(map(len, covered), default=0)

    assert all(is_shown(path) for path in wanted)
    for folder in {os.path.dirname(path) for path in wanted}:
        beside = {entry.path for entry in os.scandir(folder) if not entry.is_symlink()} - wanted
        gained = {path for path in beside if is_shown(path) and not any(one.startswith(f"{path}/") for one in wanted)}
        assert not gained
    assert len(found.shown) + len(found.hidden_folders) + len(found.hidden_files) < len(wanted) / 4
