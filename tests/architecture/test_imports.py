"""Imports run one way: the files of a package form no circle, those for type checkers and those inside functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.signatures import ROOT, tree

PACKAGES = ("reference", "impl_tf", "impl_torch", "conformance")
# Package -> the circles it may have, each a set of modules, and why.
ALLOWED: Mapping[str, Mapping[frozenset[str], str]] = {}


def _modules(package: Path) -> dict[str, Path]:
    """Every module of a package by its full name; a folder is called like its `__init__.py`."""
    names = {path: ".".join(path.relative_to(package.parent).with_suffix("").parts) for path in sorted(package.rglob("*.py"))}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def _imported(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """The modules that a file names in its imports, wherever in the file they stand.

    `from a import b` names the file a.b where there is one, and a only otherwise: that Python runs `a/__init__.py` first is true of
    every file of the package a, and no circle.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inside = f"{source}.{alias.name}"
                yield inside if inside in modules else source


def _circles(package: Path) -> list[list[str]]:
    """Sets of modules each of which leads to every other of its set, and a module that imports itself (Tarjan 1972)."""
    modules = _modules(package)
    arrows = {name: sorted(set(_imported(name, path, modules)) & modules.keys()) for name, path in modules.items()}
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in arrows[name]:
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            circle = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(circle) > 1 or name in arrows[name]:
                circles.append(sorted(circle))

    for name in modules:
        if name not in order:
            visit(name)
    return sorted(circles)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_files_import_each_other(package: str) -> None:
    """Whoever reads a file need not have read the file that imports it."""
    allowed = [sorted(circle) for circle in ALLOWED.get(package, {})]
    assert _circles(ROOT / package) == sorted(allowed)


@pytest.mark.parametrize(
    "statement",
    [
        "from p.room.first import x",
        "import p.room.first",
        "from p.room import first",
        "from . import first",
        "from .first import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.room.first import x",
        "def f():\n    from p.room.first import x",
        "from p import third",
    ],
)
def test_a_circle_would_be_found(statement: str, tmp_path: Path) -> None:
    """Whatever the way of importing, for type checkers, inside a function, or over a third file."""
    room = tmp_path / "p" / "room"
    room.mkdir(parents=True)
    sources = {
        "p/__init__.py": "",
        "p/third.py": "from p.room.first import x",
        "p/alone.py": "import p.room.first",
        "p/room/__init__.py": "",
        "p/room/first.py": "from p.room import second",
        "p/room/second.py": statement,
    }
    for name, source in sources.items():
        (tmp_path / name).write_text(source)
    around = ["p.third"] if "third" in statement else []
    assert _circles(tmp_path / "p") == [sorted(["p.room.first", "p.room.second", *around])]


def test_a_row_is_no_circle(tmp_path: Path) -> None:
    """A package may collect the names of its files, which may import one another one way."""
    for name, source in {"__init__.py": "from p.b import x", "a.py": "x = 1", "b.py": "from p.a import x"}.items():
        (tmp_path / "p").mkdir(exist_ok=True)
        (tmp_path / "p" / name).write_text(source)
    assert _circles(tmp_path / "p") == []
