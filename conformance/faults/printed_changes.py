"""One change of a formula as it is printed: slips, and what the operators of mutation make of it, said in sentences from templates."""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache

from conformance.faults.code import printed
from conformance.faults.fault import Fault, Replacement
from conformance.faults.operators import mutants_of
from conformance.faults.single_changes import is_a_mistake, said_of
from conformance.faults.slips import FREE, slips_of
from conformance.faults.templates import hint_of, sentence_of
from reference.specification import catalogue


@cache
def printed_changes(name: str) -> tuple[Fault, ...]:
    """Changes of a formula's value; of those with a free number it is the `constant`. Nothing for what nobody prints."""
    source = printed_source(name)
    changes: list[Fault] = []
    for slip in slips_of(source, frozenset((name,))):
        changes.append(instead(name, slip.id, body_of(source.replace(slip.old, slip.new)), FREE if slip.free else None))
    for mutant in mutants_of("printed", source):
        if is_a_mistake(mutant) and (id := said_of(mutant)) is not None:
            changes.append(instead(name, id, body_of(mutant.applied_to(source))))
    return tuple(dict.fromkeys(changes))


def printed_source(name: str) -> str:
    """A formula's function as it is printed, its signature on one line; nothing where nobody prints it."""
    return inspect.getsource(getattr(printed, name)) if hasattr(printed, name) else ""


def body_of(source: str) -> str:
    """What stands below a signature of one line."""
    return source.partition("\n")[2].rstrip()


def instead(name: str, id: str, body: str, constant: str | None = None) -> Fault:
    """The reference's formula with another body."""
    place, own = _own_body(name)
    changes = (Replacement(place, own, body),)
    return Fault(id, (name,), sentence_of(id, "en") or "", hint_of(id, "en") or "", "", changes=changes, constant=constant)


@cache
def _own_body(name: str) -> tuple[str, str]:
    """Where the reference has a formula, and its statements as they stand, the docstring not counted."""
    evaluate = catalogue()[name].evaluate
    source = inspect.getsource(importlib.import_module(evaluate.__module__))
    node = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    body = "\n".join(source.splitlines()[statements[0].lineno - 1 : statements[-1].end_lineno])
    return f"{evaluate.__module__.removeprefix('reference.')}:{name}", body
