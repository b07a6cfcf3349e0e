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
    if not hasattr(printed, name):
        return ()
    source = inspect.getsource(printed)
    changes: list[Fault] = []
    for slip in slips_of(source, frozenset((name,))):
        changes.append(instead(name, slip.id, source.replace(slip.old, slip.new), FREE if slip.free else None))
    for mutant in mutants_of("printed", source, lambda function: function != name):
        if is_a_mistake(mutant) and (id := said_of(mutant)) is not None:
            changes.append(instead(name, id, mutant.applied_to(source)))
    return tuple(dict.fromkeys(changes))


def instead(name: str, id: str, source: str, constant: str | None = None) -> Fault:
    """The reference's formula with the body that a module's function of its name has."""
    evaluate = catalogue()[name].evaluate
    own = inspect.getsource(importlib.import_module(evaluate.__module__))
    place = f"{evaluate.__module__.removeprefix('reference.')}:{name}"
    change = Replacement(place, _body(own, name), _body(source, name))
    return Fault(id, (name,), sentence_of(id, "en") or "", hint_of(id, "en") or "", "", changes=(change,), constant=constant)


def _body(source: str, name: str) -> str:
    """A function's statements, its docstring not counted, as they stand."""
    node = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return "\n".join(source.splitlines()[statements[0].lineno - 1 : statements[-1].end_lineno])
