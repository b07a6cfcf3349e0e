"""Compiling a module of which a few pieces were exchanged: only the functions that hold them are compiled again.

A module is compiled in milliseconds and there are hundreds of known mistakes, of which a diagnosis tries all. To compile whole modules alone
would spare this file, and was measured: a diagnosis of a formula, from cold, takes 2.4 times as long (median 0.22 s instead of 0.09 s), and
to make every entry of the catalogue once 2.5 times (1.8 s instead of 0.7 s). A piece that stands in no function's body (a default, a
constant) has the whole module compiled.
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from types import CodeType

_FLAGS = __future__.annotations.compiler_flag


@dataclass(frozen=True)
class Edit:
    """What stands from `start` to `end` of a source is exchanged."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class _Function:
    """A function of a module, or a method of one of its classes: its names from outside to inside, where its source and its body begin."""

    path: tuple[str, ...]
    start: int
    body: int
    end: int


@cache
def tree(source: str) -> ast.Module:
    """The parsed source."""
    return ast.parse(source)


@lru_cache(maxsize=4096)
def compiled(name: str, source: str, edits: tuple[Edit, ...] = ()) -> CodeType:
    """The code of a module with the edits, which do not overlap."""
    code: CodeType | None = _unchanged(name, source)
    changed = bodies(name, source, edits)
    for path, new in changed.items() if changed is not None else ():
        code = _exchanged(code, path, new) if code is not None else None
    if changed is None or code is None:
        return compile(_edited(source, edits), f"<{name}, changed>", "exec")
    return code


@lru_cache(maxsize=4096)
def bodies(name: str, source: str, edits: tuple[Edit, ...]) -> Mapping[tuple[str, ...], CodeType] | None:
    """New code by the path of every function that the edits change; None if one of them stands in no function's body."""
    edits_of: dict[_Function, list[Edit]] = {}
    for edit in edits:
        home = next((f for f in _functions(source) if f.body <= edit.start and edit.end <= f.end), None)
        if home is None:
            return None
        edits_of.setdefault(home, []).append(edit)
    return {home.path: _code_of(name, source, home, own) for home, own in edits_of.items()}


def forget() -> None:
    """Drop what is kept from one call to the next."""
    for function in (tree, compiled, bodies, _unchanged, _functions, _starts):
        function.cache_clear()


@cache
def _unchanged(name: str, source: str) -> CodeType:
    return compile(source, f"<{name}>", "exec")


def _edited(source: str, edits: Sequence[Edit], begin: int = 0, end: int | None = None) -> str:
    text, last = "", begin
    for edit in sorted(edits, key=lambda edit: edit.start):
        text, last = text + source[last : edit.start] + edit.new, edit.end
    return text + source[last:end]


@cache
def _starts(source: str) -> tuple[int, ...]:
    """Where every line begins, and the end."""
    return (0, *accumulate(map(len, source.splitlines(keepends=True))))


@cache
def _functions(source: str) -> tuple[_Function, ...]:
    starts, functions = _starts(source), []
    for node in tree(source).body:
        inner = [(node.name, member) for member in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
        for outer, child in inner:
            if isinstance(child, ast.FunctionDef):
                body = starts[child.body[0].lineno - 1]
                path = (outer, child.name) if outer else (child.name,)
                if body > starts[child.lineno - 1]:
                    functions.append(_Function(path, starts[child.lineno - 1], body, starts[child.end_lineno or child.lineno]))
    return tuple(functions)


def _code_of(name: str, source: str, home: _Function, edits: Sequence[Edit]) -> CodeType:
    """The function's code alone, compiled inside its class if it has one."""
    around = "".join(f"class {outer}:\n" for outer in home.path[:-1])
    text = around + _edited(source, edits, home.start, home.end)
    code = compile(text, f"<{name}, changed>", "exec", flags=_FLAGS, dont_inherit=True)
    for step in home.path:
        code = next(part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == step)
    return code


def _exchanged(code: CodeType, path: tuple[str, ...], new: CodeType) -> CodeType | None:
    """The code with that of one function exchanged; None if it has several of the name, or if they close over other variables."""
    places = [i for i, part in enumerate(code.co_consts) if isinstance(part, CodeType) and part.co_name == path[0]]
    if len(places) != 1:
        return None
    old = code.co_consts[places[0]]
    inner = _exchanged(old, path[1:], new) if len(path) > 1 else (new if new.co_freevars == old.co_freevars else None)
    if inner is None:
        return None
    return code.replace(co_consts=(*code.co_consts[: places[0]], inner, *code.co_consts[places[0] + 1 :]))
