"""Public names and signatures of a package, read from its source: nothing is imported, so no framework need be installed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Signature:
    """Names that can be given by position, in order, and those that can only be named, each with its default as source.

    `anything` is true of a function that takes *args and **kwargs, and so hands on whatever it is given.
    """

    positional: tuple[tuple[str, str | None], ...]
    keyword_only: tuple[tuple[str, str | None], ...]
    anything: bool


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def public_names(package: str) -> tuple[str, ...]:
    """What the files of the package list in their `__all__`; of the reference, what they specify."""
    files = [path for path in sorted((ROOT / package).rglob("*.py")) if path.name != "__init__.py"]
    return tuple(sorted(name for path in files for name in (_specified if package == "reference" else _listed)(tree(path))))


def _listed(module: ast.Module) -> list[str]:
    assignments = [node for node in module.body if isinstance(node, ast.Assign)]
    lists = [a.value for a in assignments if any(isinstance(t, ast.Name) and t.id == "__all__" for t in a.targets)]
    return [name for value in lists for name in ast.literal_eval(value)]


def _specified(module: ast.Module) -> list[str]:
    decorated = [node for node in module.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return [node.name for node in decorated if any("specify" in ast.dump(decorator) for decorator in node.decorator_list)]


@cache
def definition(package: str, name: str) -> ast.FunctionDef | ast.ClassDef:
    """The one definition of a public name, wherever in the package it stands."""
    rows = [
        node
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in tree(path).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name
    ]
    assert len(rows) == 1, f"{package} defines {name} {len(rows)} times"
    return rows[0]


def methods(package: str, name: str) -> dict[str, Signature]:
    """Public methods and `__init__` of a class, inherited ones of the same package included; a function is its own only method."""
    node = definition(package, name)
    if isinstance(node, ast.FunctionDef):
        return {name: _signature(node)}
    inherited: dict[str, Signature] = {}
    for base in reversed(node.bases):
        if isinstance(base, ast.Name) and base.id not in ("ABC", "Protocol"):
            inherited |= methods(package, base.id)
    own = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    return inherited | {f.name: _signature(f) for f in own if f.name == "__init__" or not f.name.startswith("_")}


def _signature(function: ast.FunctionDef) -> Signature:
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args) if a.arg not in ("self", "cls")]
    written = [None if d is None else ast.unparse(d) for d in arguments.defaults]
    defaults = [None] * (len(names) - len(written)) + written
    named = [
        (a.arg, None if d is None else ast.unparse(d)) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return Signature(tuple(zip(names, defaults, strict=True)), tuple(named), bool(arguments.vararg and arguments.kwarg))
