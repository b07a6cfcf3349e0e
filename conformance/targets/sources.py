"""The source files of a target and what they import. They are parsed, never executed."""

from __future__ import annotations

import ast
import contextlib
import importlib.machinery
import importlib.util
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from conformance.errors import UnusableTarget
from conformance.respondent.frameworks import leading, roots
from conformance.respondent.printable import message_of, syntax_error

_DYNAMIC = ("import_module", "__import__")
_INSTALLED = ("site-packages", "dist-packages")


def is_path(module: str) -> bool:
    """Whether it is written as a path; otherwise it is the name of an importable module."""
    return module.endswith(".py") or "/" in module or "\\" in module


def file_of(path: Path) -> Path:
    """The Python file that a path stands for: itself, or the __init__.py of a folder."""
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file():
        raise UnusableTarget(f"target: expected a Python file or a package folder, got {str(path)!r}, which is neither")
    return file


def sources(module: str) -> list[Path]:
    """The source of the module; for a package, of all files beside its __init__.py."""
    file = file_of(Path(module)) if is_path(module) else _found(module)
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]


def imported_framework(module: str) -> str | None:
    """The framework that the module's files import, at their head or inside functions; None if they import none.

    Files of its own that it imports are read too: beside a file given by its path, within its package otherwise.

    Raises:
        UnusableTarget: no such module, or a file of it that is no Python.
    """
    by_root = roots()
    waiting = sources(module)
    home, package = _home(module, waiting[0])
    frameworks: set[str] = set()
    visited: set[Path] = set()
    while waiting:
        file = waiting.pop().resolve()
        if file in visited:
            continue
        visited.add(file)
        for parts, level in _imports(_parsed(file, module)):
            if level:
                waiting += _local(file.parents[min(level, len(file.parents)) - 1], parts)
            elif parts[0] in by_root:
                frameworks.add(by_root[parts[0]])
            elif parts[0] not in sys.stdlib_module_names and package in (None, parts[0]):
                waiting += _local(home, parts)
    return leading(frameworks)


def frameworks_in(tree: ast.AST) -> set[str]:
    """The frameworks that a parsed file imports, at its head or inside functions."""
    by_root = roots()
    return {by_root[parts[0]] for parts, level in _imports(tree) if not level and parts[0] in by_root}


def _home(module: str, first: Path) -> tuple[Path, str | None]:
    """Where absolute imports of the target's own files are looked for; and the only package there that is its own, if there is one."""
    if is_path(module):
        return file_of(Path(module)).parent, None
    root = module.partition(".")[0]
    file = _found(root)
    home = file.parent.parent if file.name == "__init__.py" else file.parent
    # Among installed packages a neighbour is somebody else's.
    return home, root if file.name == "__init__.py" or home.name in _INSTALLED else None


def _imports(tree: ast.AST) -> Iterator[tuple[list[str], int]]:
    """Every imported dotted name, split, with the number of dots before it; a name taken from a module may be a submodule of it."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((alias.name.split("."), 0) for alias in node.names)
            case ast.ImportFrom():
                before = node.module.split(".") if node.module else []
                yield from (([*before, alias.name], node.level) for alias in node.names)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]):
                if name in _DYNAMIC and text.strip("."):
                    yield text.lstrip(".").split("."), len(text) - len(text.lstrip("."))


def _local(folder: Path, parts: list[str]) -> list[Path]:
    """The files below `folder` that importing the dotted name would execute."""
    places = [folder.joinpath(*parts[:count]) for count in range(1, len(parts) + 1) if "*" not in parts[:count]]
    files = [file for place in places for file in (place.with_name(f"{place.name}.py"), place / "__init__.py")]
    return [file for file in files if file.is_file()]


def _parsed(file: Path, module: str) -> ast.AST:
    try:
        with tokenize.open(file) as text:  # obeys the encoding that the file declares
            return ast.parse(text.read())
    except SyntaxError as error:
        raise UnusableTarget(f"target: {module} does not import: {syntax_error(error, file.name)}") from error
    except ValueError as error:  # UnicodeDecodeError is one
        reason = f"{type(error).__name__}: {message_of(error)} ({file.name})"
        raise UnusableTarget(f"target: {module} does not import: {reason}") from error
    except OSError as error:
        raise UnusableTarget(f"target: {module} cannot be read: {error.strerror}") from error


def _found(module: str) -> Path:
    """The source file of an importable module. Parents of a dotted name are searched, not imported."""
    parent, *children = module.split(".")
    _reach(parent)
    spec = None
    # find_spec raises for what is no name at all.
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(parent) if parent else None
        for child in children:
            parent = f"{parent}.{child}"
            places = spec.submodule_search_locations if spec is not None else None
            spec = importlib.machinery.PathFinder.find_spec(parent, places) if child and places else None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise UnusableTarget(f"target: expected the name of an importable module or a path, got {module!r}")
    return Path(spec.origin)


def _reach(name: str) -> None:
    """Make a module of the current folder importable, as `python -m` does; the installed command does not by itself.

    The folder goes to the end of the import path, and only for a name that nothing else answers to, so that no file in it can take
    the place of an installed module.
    """
    folder = Path.cwd()
    beside = (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
    if not name.isidentifier() or not beside or str(folder) in sys.path:
        return
    with contextlib.suppress(ImportError, ValueError, AttributeError):
        if importlib.util.find_spec(name) is None:
            sys.path.append(str(folder))
            importlib.invalidate_caches()
