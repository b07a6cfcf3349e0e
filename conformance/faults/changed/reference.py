"""From changes to an implementation: the reference with a few pieces of source exchanged, executed beside the real one.

Only the modules between a change and the name that is asked for are executed again; they see each other's changed versions, and the
unchanged rest as it is. Nothing enters the real catalogue or `sys.modules`.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.machinery import SourceFileLoader
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

from conformance.derivation.whole import vjp_of
from conformance.faults.changed import bytecode
from conformance.faults.changed.bytecode import Edit, bodies, compiled, tree
from conformance.faults.fault import Fault, Replacement
from reference.specification import catalogue

Edits = tuple[Edit, ...]
_SPECIFICATION = "reference.specification"

# The reference computes in float64 whatever it is given. With this it keeps single precision, so that what a mistake makes of rounding
# errors can be seen.
IN_SINGLE_PRECISION = Fault(
    "in_single_precision",
    (),
    "Computes in the precision of its inputs.",
    "",
    "",
    "rewrite",
    changes=(Replacement("arguments:real_array", "array = array.astype(np.float64, copy=False)", "pass"),),
)

# The reference refuses what a mistake may well hand on, as a noisy target outside [0, 1]; most code that makes the mistake computes on.
REFUSING_NOTHING = Fault(
    "refusing_nothing",
    (),
    "Takes numbers outside their domain.",
    "",
    "",
    "rewrite",
    changes=(
        Replacement("arguments:unit_interval", "if np.real(array).min() < 0.0 or np.real(array).max() > 1.0:", "if False:"),
        Replacement("arguments:real_array", "_refuse_non_finite(name, array)", "pass"),
    ),
)


class Inapplicable(ValueError):
    """The changes do not fit the source, or each other."""


@lru_cache(maxsize=4096)
def implementation(faults: tuple[Fault, ...], name: str) -> ModuleType:
    """A module that offers `name` of the reference (and its vjp) with all the faults at once.

    Raises:
        Inapplicable: a piece to be exchanged is not there exactly once, or two changes overlap.
    """
    changed = _edits(tuple(change for fault in faults for change in fault.changes))
    home = catalogue()[name].evaluate.__module__
    shadows: dict[str, ModuleType] = {}
    changed_home = _module(home, changed, shadows)
    offered = getattr(changed_home, name)
    for fault in faults:
        offered = fault.wrap(offered) if fault.wrap is not None else offered
    module = ModuleType("+".join(fault.id for fault in faults) or "reference")
    setattr(module, name, offered)
    if hasattr(changed_home, f"{name}_vjp"):
        setattr(module, f"{name}_vjp", getattr(changed_home, f"{name}_vjp"))
    elif (spec := catalogue()[name]).vjp is not None:
        setattr(module, f"{name}_vjp", vjp_of(offered, spec))
    return module


@contextmanager
def lent(faults: tuple[Fault, ...], name: str) -> Iterator[Any]:
    """What `implementation` offers as `name`, for as long as the context lasts: most changes are only put into a copy that is at hand."""
    edits = _edits(tuple(change for fault in faults for change in fault.changes))
    exchanged = _exchangeable(edits)
    if exchanged is None or any(fault.wrap is not None for fault in faults):
        yield getattr(implementation(faults, name), name)
        return
    before = [function.__code__ for function, _ in exchanged]
    for function, code in exchanged:
        function.__code__ = code
    try:
        yield getattr(_copy()[catalogue()[name].evaluate.__module__], name)
    finally:
        for (function, _), code in zip(exchanged, before, strict=True):
            function.__code__ = code


def _exchangeable(edits: Mapping[str, Edits]) -> list[tuple[FunctionType, CodeType]] | None:
    """Functions of the copy, each with the code that it is to have; None if an edit changes more than code."""
    exchanged = []
    for module, own in edits.items():
        if module not in _sources():
            return None
        changed = bodies(module, _sources()[module], own)
        for path, code in changed.items() if changed is not None else ():
            function = _function_of(_copy()[module], path)
            if function is None or function.__code__.co_freevars != code.co_freevars:
                return None
            exchanged.append((function, code))
        if changed is None:
            return None
    return exchanged


@cache
def _copy() -> Mapping[str, ModuleType]:
    """The whole reference, unchanged, beside the real one; without the package itself, which only collects what its modules specify."""
    shadows: dict[str, ModuleType] = {}
    modules: dict[str, Edits] = {name: () for name in _sources() if name != "reference"}
    for name in modules:
        _module(name, modules, shadows)
    return shadows


def _function_of(place: Any, path: Sequence[str]) -> FunctionType | None:
    """The plain function or method at a path; None where something else stands there."""
    for step in path:
        place = vars(place).get(step)
        place = place.fget if isinstance(place, property) else getattr(place, "__func__", place)
    return place if isinstance(place, FunctionType) else None


def difference(fault: Fault) -> str:
    """What its changes make of the source of the reference, as a small diff without line numbers; "" where it changes no source."""
    lines: list[str] = []
    for name, own in _edits(fault.changes).items():
        before = after = _sources()[name]
        for edit in reversed(own):
            after = after[: edit.start] + edit.new + after[edit.end :]
        changed = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
        lines += [
            f"--- {name.replace('.', '/')}.py",
            *("@@" if line.startswith("@@") else line.rstrip() for line in list(changed)[2:]),
        ]
    return "\n".join(lines)


def forget() -> None:
    """Drop everything that is kept from one call to the next, so that what follows takes as long as the first time."""
    for function in (implementation, _copy, _sources, _imports, _reached, _located, _regions):
        function.cache_clear()
    bytecode.forget()


def _module(name: str, changed: dict[str, Edits], shadows: dict[str, ModuleType]) -> ModuleType:
    """The module as the changes leave it: the real one if they do not reach it."""
    if name in shadows:
        return shadows[name]
    if name == _SPECIFICATION:
        shadows[name] = _silent_specification()
        return shadows[name]
    if not _reached(name, frozenset(changed)):
        return importlib.import_module(name)
    module = ModuleType(name)
    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importer(changed, shadows)}
    exec(compiled(name, source_of(name), changed.get(name, ())), module.__dict__)
    shadows[name] = module
    return module


def _importer(changed: dict[str, Edits], shadows: dict[str, ModuleType]) -> Callable[..., Any]:
    def imported(name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0) -> Any:
        if not name.startswith("reference"):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        module = _module(name, changed, shadows)
        parts = {item: f"{name}.{item}" for item in fromlist or () if f"{name}.{item}" in _sources()}
        if not parts:
            return module
        own = {item: getattr(module, item) for item in fromlist or () if item not in parts}
        return SimpleNamespace(**own, **{item: _module(path, changed, shadows) for item, path in parts.items()})

    return imported


def _silent_specification() -> ModuleType:
    """`reference.specification` whose `specify` attaches nothing: the catalogue keeps the right version."""
    module = ModuleType(_SPECIFICATION)
    module.__dict__.update(vars(importlib.import_module(_SPECIFICATION)))
    module.__dict__["specify"] = lambda **specification: lambda evaluate: evaluate
    return module


@cache
def _sources() -> dict[str, str]:
    """The source of every module of the reference."""
    sources = {}
    pending = ["reference"]
    while pending:
        name = pending.pop()
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            raise Inapplicable(f"reference: expected the source of {name}, found none; the fault catalogue needs it")
        # Not from the module's own loader: where this project is installed as a pytest plugin, pytest's loader has no source to give.
        sources[name] = SourceFileLoader(name, spec.origin).get_source(name) or ""
        for place in spec.submodule_search_locations or ():
            pending += [f"{name}.{child}" for child in _children(place)]
    return sources


def source_of(name: str) -> str:
    """The source of a module of the reference, or of a user's reference file."""
    if name in _sources():
        return _sources()[name]
    if name not in sys.modules:
        raise Inapplicable(f"place: expected a module of the reference, got {name}")
    return inspect.getsource(sys.modules[name])


def _children(folder: str) -> Iterator[str]:
    from pkgutil import iter_modules

    yield from (module.name for module in iter_modules([folder]))


@cache
def _imports(name: str) -> frozenset[str]:
    """The modules of the reference that a module imports."""
    names = set()
    for node in _statements(tree(source_of(name)).body):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("reference"):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names & _sources().keys() - {_SPECIFICATION})


def _statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Every statement, inner ones too, and no expression: those are nearly all nodes of a tree, and hold no import."""
    for node in body:
        yield node
        for inner in ("body", "handlers", "orelse", "finalbody"):
            yield from _statements(getattr(node, inner, ()))


@cache
def _reached(name: str, changed: frozenset[str]) -> bool:
    """Whether a change touches the module or anything that it imports."""
    return name in changed or any(_reached(neighbour, changed) for neighbour in _imports(name))


def _edits(changes: tuple[Replacement, ...]) -> dict[str, Edits]:
    """What is exchanged in each module."""
    edits: dict[str, list[Edit]] = {}
    for change in changes:
        module, start, end = _located(change)
        edits.setdefault(module, []).append(Edit(start, end, change.new))
    for module, own in edits.items():
        own.sort(key=lambda edit: edit.start)
        if any(first.end > second.start for first, second in pairwise(own)):
            raise Inapplicable(f"changes: two of them exchange the same piece of {module}")
    return {module: tuple(own) for module, own in edits.items()}


@cache
def _located(change: Replacement) -> tuple[str, int, int]:
    """Module, and where the piece stands in its source."""
    module, _, function = change.place.partition(":")
    module = module if f"reference.{module}" not in _sources() and module in sys.modules else f"reference.{module}"
    text = source_of(module)
    places = [start + offset for start, end in _regions(module, function) for offset in _occurrences(text[start:end], change.old)]
    if len(places) != 1:
        raise Inapplicable(f"old: expected {change.old!r} once in {change.place}, found it {len(places)} times")
    return module, places[0], places[0] + len(change.old)


def _occurrences(text: str, piece: str) -> Iterator[int]:
    position = text.find(piece)
    while position >= 0:
        yield position
        position = text.find(piece, position + 1)


@cache
def _regions(module: str, function: str) -> tuple[tuple[int, int], ...]:
    """Where a function's signature and body stand, without its docstring; for "" the whole module."""
    text = source_of(module)
    if not function:
        return ((0, len(text)),)
    node: Any = tree(text)
    for name in function.split("."):
        inner = [child for child in node.body if getattr(child, "name", None) == name]
        if not inner:
            raise Inapplicable(f"place: expected a function or class of {module}, got {function}")
        node = inner[0]
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    begin, end = starts[node.lineno - 1], starts[node.end_lineno]
    if ast.get_docstring(node, clean=False) is None:
        return ((begin, end),)
    docstring = node.body[0]
    return ((begin, starts[docstring.lineno - 1]), (starts[docstring.end_lineno], end))
