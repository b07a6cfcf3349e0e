"""The files that a worker gets: a few folders of the harness, and a way to the libraries that leads past this project.

site-packages, where this project may be installed, answers included, is not shown as it is: where a worker has a file system of its own the
project is covered there, elsewhere the worker gets a folder of links to everything else.
"""

from __future__ import annotations

import glob
import os
import shutil
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

from conformance.grading.sandbox.inside.sandbox_layout import (
    EMPTY_FILE,
    EMPTY_FOLDER,
    HOME,
    LIBRARIES,
    STANDARD,
    SUBMISSIONS,
    WORKER,
    SandboxLayout,
)
from conformance.respondent.frameworks import own_packages

_PACKAGE = Path(__file__).resolve().parents[3]
# All that a worker holds of the harness: whole folders, none of which knows an answer, which an import contract and a test check.
TRUST_BOUNDARY = ("respondent", "grading/sandbox/inside")
# The last is what pip leaves of a package when it is interrupted.
_OWN = ("reference", "conformance", *own_packages(), "autoencoder_conformance*", "autoencoder-conformance*", "~*")
# Path files and editable finders lead out of site-packages; nothing follows them in a worker.
_LEADING_OUT = ("*.pth", "*.egg-link", "__editable__*", "sitecustomize.py", "usercustomize.py")
_COMPILED = "__pycache__"
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/usr/share/zoneinfo")


def create_worker_files(**walls: bool) -> SandboxLayout:
    """Lay out a worker in a new private folder."""
    place = tempfile.mkdtemp(prefix="grading-")
    for name in (LIBRARIES, STANDARD, SUBMISSIONS, HOME, EMPTY_FOLDER, "root"):
        (Path(place) / name).mkdir()
    (Path(place) / EMPTY_FILE).touch()
    # Whoever lists the installed packages finds one in every covered `.dist-info`, and a package has a name.
    (Path(place) / EMPTY_FOLDER / "METADATA").write_text("Metadata-Version: 2.1\nName: covered\nVersion: 0\n", encoding="utf-8")
    _copy_worker(Path(place) / WORKER / "conformance")
    standard, libraries = standard_entries(), library_entries()
    compiled = [path for source in libraries if source.endswith(".py") and os.path.exists(path := cache_from_source(source))]
    readable = _without_nested([*_interpreter(), *standard, *libraries, *compiled, *_system()])
    if walls["mounted"]:
        folder = sysconfig.get_path("stdlib")
        packages = (folder, f"{folder}/lib-dynload", *library_folders())
    else:
        packages = tuple(f"{place}/{name}" for name in (STANDARD, f"{STANDARD}/lib-dynload", LIBRARIES))
        _link(Path(place) / STANDARD, standard)
        _link(Path(place) / LIBRARIES, libraries)
        _link(Path(place) / LIBRARIES / _COMPILED, compiled)
    nearly_whole = (sysconfig.get_path("stdlib"), *library_folders(), *_SYSTEM)
    layout = SandboxLayout(place, tuple(readable), packages, nearly_whole, **walls)
    layout.write()
    return layout


def remove_worker_files(layout: SandboxLayout) -> None:
    shutil.rmtree(layout.place, ignore_errors=True)


def library_folders() -> list[str]:
    """The folders of installed packages, in the order of sys.path."""
    site_folders = {os.path.realpath(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())}
    names = ("site-packages", "dist-packages")
    folders = (path for path in sys.path if os.path.isdir(path))
    return list(dict.fromkeys(path for path in folders if os.path.realpath(path) in site_folders or Path(path).name in names))


def library_entries() -> list[str]:
    """Every installed package and module, but this project's; the first of a name counts, as on sys.path."""
    first: dict[str, str] = {}
    for folder in library_folders():
        hidden = {name for pattern in (*_OWN, *_LEADING_OUT, _COMPILED) for name in glob.glob(pattern, root_dir=folder)}
        for name in sorted(os.listdir(folder)):
            path = f"{folder}/{name}"
            if name not in hidden and not _touches(path, _project_folders()):
                first.setdefault(name, path)
    return list(first.values())


def standard_entries() -> list[str]:
    """Every module of the standard library."""
    folder = sysconfig.get_path("stdlib")
    hidden = ("site-packages", "dist-packages", *_LEADING_OUT)
    entries = [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name not in hidden]
    return [path for path in entries if not _touches(path, _project_folders())]


def interpreter() -> str:
    """The interpreter itself, not a virtual environment's link to it."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _interpreter() -> Iterable[str]:
    yield interpreter()
    folders = [f"{sys.base_prefix}/lib", *os.environ.get("LD_LIBRARY_PATH", "").split(":")]
    for folder in dict.fromkeys(os.path.normpath(f"/{folder.lstrip('/')}") for folder in folders if os.path.isabs(folder)):
        yield from sorted(glob.glob(f"{glob.escape(folder)}/*.so*"))


def _system() -> Iterable[str]:
    """Folders of shared libraries, without the packages of Python that distributions keep there."""
    packages = [*_project_folders(), *map(os.path.realpath, library_folders())]
    for top in _SYSTEM:
        if not glob.glob(f"{top}/python*") and not _touches(top, packages):
            yield top
        elif os.path.isdir(top):
            entries = (f"{top}/{name}" for name in sorted(os.listdir(top)) if not name.startswith("python"))
            yield from (path for path in entries if not _touches(path, packages))


@cache
def _project_folders() -> tuple[str, ...]:
    """Where this project is, wherever that is."""
    names = ["conformance", "reference", *own_packages()]
    if str(_PACKAGE.parent) not in map(os.path.realpath, library_folders()):  # a checkout
        names += ["tests", ".git"]
    return tuple(str(_PACKAGE.parent / name) for name in names)


def _touches(path: str, places: Iterable[str]) -> bool:
    """Whether a path, wherever it leads, holds one of the places or lies in it."""
    real = os.path.realpath(path)
    return any(_is_within(place, real) or _is_within(real, place) for place in places)


def _is_within(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")


def _without_nested(paths: Iterable[str]) -> list[str]:
    """Existing paths, each once, and none inside another."""
    outermost: list[str] = []
    for path in sorted({path for path in paths if os.path.exists(path)}, key=lambda path: f"{path}/"):
        if not outermost or not _is_within(path, outermost[-1]):
            outermost.append(path)
    return outermost


def _copy_worker(target: Path) -> None:
    """The folders of the trust boundary, and the packages that they lie in."""
    for name in TRUST_BOUNDARY:
        shutil.copytree(_PACKAGE / name, target / name, ignore=shutil.ignore_patterns(_COMPILED))
        for parent in Path(name).parents:
            shutil.copyfile(_PACKAGE / parent / "__init__.py", target / parent / "__init__.py")


def _link(folder: Path, entries: Iterable[str]) -> None:
    folder.mkdir(exist_ok=True)
    for path in entries:
        (folder / os.path.basename(path)).symlink_to(path)
