"""The source files of a target and what they import. They are parsed, never executed."""

from __future__ import annotations

import ast
import contextlib
import importlib.machinery
import importlib.util
import sys
import tokenize
from collections.abc import Sequence
from pathlib import Path, PurePath

from conformance.errors import UnusableTarget
from conformance.respondent.printable import message_of, syntax_error
from conformance.targets.syntax import folder_of, is_foreign, located
from conformance.targets.written_in import Module

_MIB = 2**20
_LARGEST = 4 * _MIB
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
    """The source of the module; for a package its __init__.py, and behind it all files beside that."""
    file = file_of(Path(module)) if is_path(module) else _found(module)
    beside = file.parent.rglob("*.py") if file.name == "__init__.py" else ()
    files = [file, *sorted(other for other in beside if other != file)]
    for each in files:
        _refuse_large(each, module)
    return files


def _refuse_large(file: Path, module: str) -> None:
    """What is longer than anybody writes by hand is data: Python takes minutes and gigabytes to make a tree of it, and then code of that."""
    with contextlib.suppress(OSError):
        size = file.stat().st_size
        if size > _LARGEST:
            raise UnusableTarget(
                f"target: {module} is too large: expected at most {_LARGEST / _MIB:g} MiB of Python source, "
                f"got {size / _MIB:.1f} MiB in {file.name}; data can stand in a file of their own"
            )


def read(module: str) -> Module:
    """The module as its files say it: those of its own that it imports are read too, beside a file given by its path, else in its package.

    Raises:
        UnusableTarget: no such module, or one that is too large; or, where it is looked into, a file of it that is no Python.
    """
    files = [file.resolve() for file in sources(module)]
    home, package = _home(module, files[0])
    trees: dict[PurePath, ast.Module] = {}

    def parsed(file: PurePath) -> ast.Module:
        if file not in trees:
            _refuse_large(Path(file), module)
            trees[file] = _parsed(Path(file), module)
        return trees[file]

    def own(file: PurePath, parts: Sequence[str], level: int) -> list[PurePath]:
        if not level and (is_foreign(parts) or package not in (None, parts[0])):
            return []
        folder = folder_of(file, level) if level else home
        return [Path(one).resolve() for one in located(folder, parts, lambda one: Path(one).is_file())]

    return Module(files, parsed, own)


def _home(module: str, first: Path) -> tuple[Path, str | None]:
    """Where absolute imports of the target's own files are looked for; and the only package there that is its own, if there is one."""
    if is_path(module):
        return file_of(Path(module)).parent, None
    root = module.partition(".")[0]
    file = _found(root)
    home = file.parent.parent if file.name == "__init__.py" else file.parent
    # Among installed packages a neighbour is somebody else's.
    return home, root if file.name == "__init__.py" or home.name in _INSTALLED else None


def _parsed(file: Path, module: str) -> ast.Module:
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
