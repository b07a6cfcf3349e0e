"""Numbers and parts in a narrower precision: an argument that is cast on its way, an expression that is computed in float32.

NumPy computes these in float32 as other libraries do, to the last digit but for a few functions.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from textwrap import indent
from typing import Any

import numpy as np

from conformance.faults.fault import Fault
from conformance.faults.printed_changes import instead, printed_source
from conformance.faults.syntax import exchanged, said
from conformance.faults.templates import hint_of, id_of, sentence_of
from reference.domains import Number, Reals
from reference.specification import Spec, catalogue

NARROWER = "float32"
_SINGLE = "np.float32"
_NO_NUMBERS = ("np", "reduction")


def rounded_arguments(spec: Spec) -> Iterator[Fault]:
    """An argument that is rounded where it enters: a number, given or by default; an array; or all arrays at once."""
    parameters = inspect.signature(spec.evaluate).parameters
    numbers = {n: parameters[n].default for n, domain in spec.inputs.items() if isinstance(domain, Number) and n in parameters}
    arrays = [name for name, domain in spec.inputs.items() if isinstance(domain, Reals)]
    for name, default in numbers.items():
        yield _fault(spec, id_of("rounded", name, NARROWER), (name,), {} if default is None else {name: default})
    for names in dict.fromkeys((*((name,) for name in arrays), tuple(arrays))):
        if names:
            yield _fault(spec, id_of("rounded", ", ".join(names), NARROWER), names, {})


def _fault(spec: Spec, id: str, names: tuple[str, ...], defaults: dict[str, Any]) -> Fault:
    def wrap(offered: Callable[..., Any]) -> Callable[..., Any]:
        return lambda **given: offered(**{n: _rounded(x) if n in names else x for n, x in {**defaults, **given}.items()})

    return Fault(id, (spec.name,), sentence_of(id, "en") or "", hint_of(id, "en") or "", "", wrap=wrap)


def _rounded(value: Any) -> Any:
    return value.astype(np.float32).astype(value.dtype) if isinstance(value, np.ndarray) else float(np.float32(value))


@cache
def rounded_numbers(name: str) -> tuple[Fault, ...]:
    """A number that is rounded wherever it is used: what is computed of it alone is computed in float32, or is rounded afterwards."""
    changes: list[Fault] = []
    source = printed_source(name)
    for argument, domain in catalogue()[name].inputs.items() if source else ():
        if isinstance(domain, Number):
            for afterwards in (False, True):
                body: ast.AST = ast.Module(_statements(source, name), [])
                for node in list(_of_one_number(body, argument)):
                    new = f"np.float64({_SINGLE}({ast.unparse(node)}))" if afterwards else f"np.float64({_in_single(node)})"
                    body = exchanged(body, node, ast.parse(new, mode="eval").body)
                changes.append(instead(name, id_of("rounded", argument, NARROWER), _written(body)))
    return tuple(changes)


def _statements(source: str, name: str) -> list[ast.stmt]:
    """Of a function, its docstring not counted."""
    function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _written(body: ast.AST) -> str:
    return indent(ast.unparse(body), "    ")


def _of_one_number(function: ast.AST, name: str) -> Iterator[ast.expr]:
    """The largest expressions that hold this name and no other."""
    for child in ast.iter_child_nodes(function):
        names = {n.id for n in ast.walk(child) if isinstance(n, ast.Name)}
        if isinstance(child, ast.expr) and names == {name} and not any(isinstance(n, ast.Call) for n in ast.walk(child)):
            yield child
        else:
            yield from _of_one_number(child, name)


@cache
def parts_in_single_precision(name: str) -> tuple[Fault, ...]:
    """Every expression of a formula, as it is printed and as the reference has it, computed in float32 from its arguments on."""
    home = inspect.getsource(importlib.import_module(catalogue()[name].evaluate.__module__))
    sources = [source for source in (printed_source(name), home) if source]
    return tuple(dict.fromkeys(fault for source in sources for fault in _parts(name, _statements(source, name))))


def _parts(name: str, statements: list[ast.stmt]) -> Iterator[Fault]:
    body = ast.Module(statements, [])
    for node in ast.walk(body):
        if isinstance(node, (ast.BinOp, ast.Call, ast.UnaryOp)) and (piece := said(node)) is not None:
            new = ast.parse(f"np.asarray({_in_single(node)}).astype(np.float64)", mode="eval").body
            yield instead(name, id_of("computed_in", piece, NARROWER), _written(exchanged(body, node, new)))


def _in_single(node: ast.expr) -> str:
    """The expression of the same names and numbers in float32."""
    return ast.unparse(_InSingle().visit(ast.parse(ast.unparse(node), mode="eval")).body)


class _InSingle(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return node if node.id in _NO_NUMBERS else ast.parse(f"{_SINGLE}({node.id})", mode="eval").body

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.parse(f"{_SINGLE}({node.value!r})", mode="eval").body if isinstance(node.value, float) else node
