"""Slips in a formula that nobody has a catalogue of: what stands for a square, for half a sum, for a parameter, in what is right otherwise.

Beside the general operators, which mutate any source, these know what formulas look like. An exchange is a `Mutant` like theirs.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from conformance.faults.operators import Mutant, Text

# What a number that is chosen may be taken for.
_FOR_A_PARAMETER = ("{0} ** 2", "(1 - {0})", "(1 / {0})", "(2 * {0})", "({0} / 2)")
_FOR_PI = ("(2 * {0})", "({0} / 2)")


def slips_of(module: str, source: str, functions: Collection[str], parameters: Collection[str]) -> Iterator[Mutant]:
    """Every slip in the named functions of a module; `parameters` are arguments that are single numbers."""
    text = Text(source)
    for function in ast.parse(source).body:
        if not isinstance(function, ast.FunctionDef) or function.name not in functions:
            continue
        for node in (node for statement in function.body for node in ast.walk(statement)):
            for old, operator, new in _of(node, text, parameters):
                start, end = text.span(old)
                yield Mutant(module, function.name, old.lineno, operator, start, end, source[start:end], new)


def _of(node: ast.AST, text: Text, parameters: Collection[str]) -> Iterator[tuple[ast.expr, str, str]]:
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            yield node, "square", f"abs({text.of(left)})"
        case ast.Call(func=ast.Attribute(attr="abs" | "absolute") | ast.Name(id="abs"), args=[inner]):
            yield node, "square", f"(({text.of(inner)}) ** 2)"
        case ast.BinOp(left=ast.BinOp(left=first, op=ast.Add(), right=second), op=ast.Div(), right=ast.Constant(value=2)):
            yield node, "one of two", f"({text.of(first)})"
            yield node, "one of two", f"({text.of(second)})"
        case ast.BinOp(op=ast.Sub(), right=right):
            yield node, "first dropped", f"(-({text.of(right)}))"
        case ast.Attribute(value=ast.Name(), attr="pi"):
            yield from ((node, "parameter", new.format(text.of(node))) for new in _FOR_PI)
        case ast.Name(id=name, ctx=ast.Load()) if name in parameters:
            yield from ((node, "parameter", new.format(name)) for new in _FOR_A_PARAMETER)
        case _:
            pass
