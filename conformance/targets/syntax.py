"""What a syntax tree says: what it imports, what the names at its head stand for, where an import leads."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from conformance.respondent.frameworks import roots, spoken_for

_DYNAMIC = ("import_module", "__import__")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """An imported dotted name, split, with the number of dots before it; a name taken from a module may be a submodule of it."""

    parts: tuple[str, ...]
    level: int
    line: int


@dataclass(frozen=True)
class Head:
    """What the names at the head of a file stand for, the last thing that was bound to them; and what all names are taken from."""

    names: Mapping[str, ast.AST | Import]
    stars: Sequence[Import]


def head_of(tree: ast.Module | None) -> Head:
    """The head of a file; nothing is at the head of one that cannot be read."""
    names = dict(bindings(tree.body)) if tree is not None else {}
    return Head(names, [one for one in imports(tree) if one.parts[-1] == "*"])


def imports(tree: ast.AST | None) -> Iterator[Import]:
    """Everything that a parsed file imports, at its head or inside functions."""
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.Import():
                yield from (Import(tuple(alias.name.split(".")), 0, node.lineno) for alias in node.names)
            case ast.ImportFrom():
                before = node.module.split(".") if node.module else []
                yield from (Import((*before, alias.name), node.level, node.lineno) for alias in node.names)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]):
                if name in _DYNAMIC and text.strip("."):
                    yield Import(tuple(text.lstrip(".").split(".")), len(text) - len(text.lstrip(".")), node.lineno)


def located(home: PurePath, parts: Sequence[str], exists: Callable[[PurePath], bool]) -> list[PurePath]:
    """The files below a folder that importing the dotted name would execute."""
    places = [home.joinpath(*parts[:count]) for count in range(1, len(parts) + 1) if "*" not in parts[:count]]
    files = [file for place in places for file in (place.with_name(f"{place.name}.py"), place / "__init__.py")]
    return [file for file in files if exists(file)]


def folder_of(file: PurePath, level: int) -> PurePath:
    """Where a relative import in the file begins to look."""
    return file.parents[min(level, len(file.parents)) - 1]


def is_foreign(parts: Sequence[str]) -> bool:
    """Whether an absolute name is of a framework or the standard library, which no file beside a target takes the place of."""
    return not parts or parts[0] in roots() or parts[0] in sys.stdlib_module_names


def root_framework(one: Import) -> str | None:
    return None if one.level else spoken_for().get(one.parts[0])


def bindings(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.AST | Import]]:
    """Names that statements bind, in order; what stands in `if`, `try` and `with` is bound as well."""
    for node in body:
        match node:
            case ast.Import():
                for alias in node.names:
                    parts = tuple(alias.name.split("."))
                    yield alias.asname or parts[0], Import(parts if alias.asname else parts[:1], 0, node.lineno)
            case ast.ImportFrom():
                before = node.module.split(".") if node.module else []
                yield from ((a.asname or a.name, Import((*before, a.name), node.level, node.lineno)) for a in node.names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                for blocks in ("body", "orelse", "finalbody"):
                    yield from bindings(getattr(node, blocks, []))
                for handler in getattr(node, "handlers", []):
                    yield from bindings(handler.body)


def inner_imports(node: ast.AST | Import) -> dict[str, Import]:
    """Names that a function imports for itself."""
    if not isinstance(node, ast.AST):
        return {}
    statements = [one for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)]
    return {name: one for name, one in bindings(statements) if isinstance(one, Import)}


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, and not in functions inside it."""
    waiting: list[ast.AST] = list(reversed(list(ast.iter_child_nodes(function))))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def first_name(node: ast.AST) -> str | None:
    """The name with which a dotted expression begins: `torch` of `torch.nn.functional.softplus`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
