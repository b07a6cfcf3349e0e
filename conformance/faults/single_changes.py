"""Mistakes that nobody has written down: one change of a formula by a general operator, with a sentence from a template."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np

from conformance.faults.changed.reference import source_of
from conformance.faults.fault import Fault, Replacement
from conformance.faults.formula_operators import slips_of
from conformance.faults.operators import Mutant, mutants_of
from conformance.faults.templates import hint_of, id_of, sentence_of
from reference.domains import Number
from reference.specification import Quantity, Spec, catalogue

_FIRST = (1, 2, 3, 4, 5, 8, 10, 16, 32, 64, 100, 128)
# A piece that is longer is no sentence.
_LONGEST = 60
_NO_MISTAKE = ("always", "never", "condition negated", "comparison")


def is_a_mistake(mutant: Mutant) -> bool:
    """Whether somebody may have written it by mistake, always and in an expression."""
    always = mutant.condition is None and mutant.operator not in _NO_MISTAKE
    return always and "statement" not in mutant.operator and not mutant.operator.startswith("default")


def single_changes(name: str, quantity: Quantity) -> tuple[Fault, ...]:
    """Changes of a formula, or of its derivative where that is written, the simplest to say first."""
    spec = catalogue()[name]
    home = spec.evaluate.__module__
    if quantity != "value" and f"def {name}_vjp(" not in source_of(home):
        return ()
    return _single_changes(name, quantity, home)


@cache
def _single_changes(name: str, quantity: Quantity, home: str) -> tuple[Fault, ...]:
    spec = catalogue()[name]
    simple = [*_first_only(spec)] if quantity == "value" else []
    source = source_of(home)
    function = name if quantity == "value" else f"{name}_vjp"
    others = {other for other in catalogue() if other != function}
    used = {function, *_called(source, function, private=spec.file is None)} - others
    home = home.removeprefix("reference.")
    changes = [*_twice(spec, home, source, function), *_mutants(home, source, used)]
    if spec.file is not None:  # nobody has written a catalogue of mistakes for it
        parameters = {n for n, domain in spec.inputs.items() if isinstance(domain, Number)}
        simple = [*_of_the_whole(spec), *simple]
        changes += [*_slips(home, source, used, parameters), *_mutants(home, source, used, whole=False)]
    return tuple(dict.fromkeys((*simple, *changes)))


def _fault(spec: str, id: str, **change: Any) -> Fault:
    return Fault(id, (spec,), sentence_of(id, "en") or "", hint_of(id, "en") or "", "", **change)


def _first_only(spec: Spec) -> Iterator[Fault]:
    for template, axis in (("first_features", 1), ("first_samples", 0)):
        for count in _FIRST:
            yield _fault(spec.name, id_of(template, str(count)), wrap=_cut(axis, count))


def _cut(axis: int, count: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def cut(value: Any) -> Any:
        return value[(slice(None),) * axis + (slice(count),)] if isinstance(value, np.ndarray) and value.ndim > axis else value

    return lambda function: lambda **inputs: function(**{name: cut(value) for name, value in inputs.items()})


def _of_the_whole(spec: Spec) -> Iterator[Fault]:
    """What a finished answer becomes on the way out."""
    for factor in (2.0, 0.5, -1.0):
        yield _fault(spec.name, id_of("result_times", spec.name, f"{factor:g}"), wrap=_then(lambda x, factor=factor: factor * x))
    yield _fault(spec.name, id_of("result_transposed", spec.name), wrap=_then(lambda x: np.asarray(x).T))
    for word, then in (("mean", np.mean), ("sum", np.sum), ("square", np.square), ("root", np.sqrt)):
        yield _fault(spec.name, id_of("result_of", spec.name, word), wrap=_then(then))


def _then(change: Callable[[Any], Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return lambda function: lambda **inputs: change(function(**inputs))


def _called(source: str, function: str, private: bool) -> set[str]:
    """The module's own functions that one calls: a private one computes a part of the formula; in a user's file any may."""
    node = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == function)
    names = {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    return {name for name in names if name.startswith("_") or not private}


def _twice(spec: Spec, home: str, source: str, function: str) -> Iterator[Fault]:
    """A factor that is applied where it has been applied."""
    node = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == function)
    returned = next((n for n in node.body if isinstance(n, ast.Return) and n.value is not None), None)
    piece = ast.get_source_segment(source, returned.value) if returned is not None and returned.value is not None else None
    for name, domain in spec.inputs.items():
        if isinstance(domain, Number) and piece is not None:
            change = Replacement(f"{home}:{function}", f"return {piece}", f"return ({piece}) * {name}")
            yield _fault(spec.name, id_of("twice", name), changes=(change,))


def _slips(home: str, source: str, functions: set[str], parameters: set[str]) -> Iterator[Fault]:
    yield from _said(source, slips_of(home, source, functions, parameters), whole=False)


def _mutants(home: str, source: str, functions: set[str], whole: bool = True) -> Iterator[Fault]:
    """Those whose pieces are short enough to be said whole; else all, of which long ones are said by what differs in them."""
    mutants = mutants_of(home, source, lambda name: name not in functions)
    yield from _said(source, filter(is_a_mistake, mutants), whole)


def _said(source: str, mutants: Iterable[Mutant], whole: bool) -> Iterator[Fault]:
    for mutant in mutants:
        old, new = whole_lines(source, mutant, mutant.new)
        id = said_of(mutant, whole)
        if id is not None:
            yield _fault("", id, changes=(Replacement(f"{mutant.module}:{mutant.function}", old, new),))


def whole_lines(source: str, mutant: Mutant, new: str) -> tuple[str, str]:
    """The lines around a piece, which stand in a function once where the piece may stand twice; before, and with the new piece."""
    start = source.rfind("\n", 0, mutant.start) + 1
    end = source.find("\n", mutant.end)
    return source[start:end], source[start : mutant.start] + new + source[mutant.end : end]


def said_of(mutant: Mutant, whole: bool = True) -> str | None:
    """The id of the sentence that says a change of an expression; None if it is too long for one, and is to be said `whole`."""
    old, new = (ast.unparse(ast.parse(piece.strip(), mode="eval")).replace("np.", "") for piece in (mutant.old, mutant.new))
    if not whole and max(len(old), len(new)) > _LONGEST:
        old, new = _dropped(mutant) or _differing(old, new)
    if len(old) > _LONGEST or len(new) > _LONGEST or "#" in old + new:
        return None
    if not old or not new:
        return id_of("left_out", old) if old else None
    node = ast.parse(mutant.new.strip(), mode="eval").body
    if mutant.operator == "axis" and isinstance(node, ast.Call):
        axis = next((k.value for k in node.keywords if k.arg == "axis"), None)
        return id_of("over_axis", _last_name(node.func), ast.unparse(axis)) if axis is not None else None
    if mutant.operator == "function" and isinstance(node, ast.Call):
        before = ast.parse(mutant.old.strip(), mode="eval").body
        return id_of("exchanged", _last_name(before.func), _last_name(node.func)) if isinstance(before, ast.Call) else None
    return id_of("number" if mutant.operator == "constant" else "as_if", old, new)


def _dropped(mutant: Mutant) -> tuple[str, str] | None:
    """The operand that is dropped, and nothing in its place."""
    old = ast.parse(mutant.old.strip(), mode="eval").body
    if mutant.operator != "operand dropped" or not isinstance(old, ast.BinOp):
        return None
    kept = ast.dump(ast.parse(mutant.new.strip(), mode="eval").body)
    return ast.unparse(old.left if kept == ast.dump(old.right) else old.right).replace("np.", ""), ""


def _differing(old: str, new: str) -> tuple[str, str]:
    """The words in which two pieces differ, with a word behind them if there is one."""
    first, second = old.split(), new.split()
    start = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    first, second = first[start:], second[start:]
    same = next(
        (i for i, (a, b) in enumerate(zip(first[::-1], second[::-1], strict=False)) if a != b), min(len(first), len(second))
    )
    kept = max(0, same - 1)
    return " ".join(first[: len(first) - kept]), " ".join(second[: len(second) - kept])


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
