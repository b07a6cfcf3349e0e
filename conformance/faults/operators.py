"""General mutations of any Python source: no list of mistakes, but what a slip can do to a constant, an operator, a call or a statement.

Rules of this file:

* An operator knows the syntax tree and nothing of what the code computes.
* A mutant is one exchange of a piece of source. It may be equivalent to the original: whoever finds it alive has to say so.
* A conditional mutant is the same exchange, but only for a batch of one, as many samples as features, a long batch, large numbers, or from
  the second call on: what cases that are all alike cannot see.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

# In a mutated module this name is a function: (condition, argument) -> whether the mutation takes place.
CONDITION = "__mutation_applies__"
CONDITIONS = ("one sample", "as many samples as features", "more than 32 samples", "numbers above 3", "the second call")

_BINARY: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("/", "+"),
    ast.Div: ("*",),
    ast.Pow: ("*",),
    ast.MatMult: (),
    ast.FloorDiv: ("/",),
    ast.Mod: ("*",),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
# Functions that stand in for each other in code that is wrong, whatever the library calls them.
_FUNCTIONS = {
    "sum": "mean",
    "mean": "sum",
    "reduce_sum": "reduce_mean",
    "reduce_mean": "reduce_sum",
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "amax": "amin",
    "argmax": "argmin",
    "exp": "expm1",
    "expm1": "exp",
    "log": "log1p",
    "log1p": "log",
    "sqrt": "square",
    "square": "abs",
    "sigmoid": "tanh",
    "tanh": "sigmoid",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
}
_AXES = ("axis", "dim", "start_dim")


@dataclass(frozen=True)
class Mutant:
    """One exchange: what stands from `start` to `end` (characters) of the module's source becomes `new`.

    function   the outermost function or method that holds it, as "StackedAutoencoder.forward"
    operator   which kind of slip
    condition  one of CONDITIONS, or None where the mutation always takes place
    """

    module: str
    function: str
    line: int
    operator: str
    start: int
    end: int
    old: str
    new: str
    condition: str | None = None

    @property
    def id(self) -> str:
        """Twelve digits that name it in every run over the same source."""
        content = f"{self.module} {self.start} {self.end} {self.new}"
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def sentence(self) -> str:
        """What is different, on one line."""
        where = f"{self.module}:{self.line} {self.function}"
        return f"{where}: {self.operator}: {_short(self.old)} → {_short(self.new)}" + (
            f" ({self.condition})" if self.condition else ""
        )

    def applied_to(self, source: str) -> str:
        """The mutated source."""
        return source[: self.start] + self.new + source[self.end :]


def mutants_of(module: str, source: str, left_out: Callable[[str], bool] = lambda function: False) -> Iterator[Mutant]:
    """Every mutant of a module's functions, in the order of the source; each expression's also under one condition.

    `left_out` says of a function's name that it is not mutated.
    """
    text = Text(source)
    for name, function in _functions(ast.parse(source)):
        if left_out(name):
            continue
        argument, defaults = _first_argument(function), set(_defaults(function))
        for number, (node, operator, new) in enumerate(_exchanges(function, text)):
            start, end = text.span(node)
            old = source[start:end]
            if new.strip() == old.strip():
                continue
            mutant = Mutant(module, name, node.lineno, operator, start, end, old, new)
            yield mutant
            # A default is evaluated before there are arguments to ask.
            if argument is not None and isinstance(node, ast.expr) and node not in defaults:
                # A constructor is given no rows.
                condition = CONDITIONS[number % len(CONDITIONS)] if not name.endswith("__init__") else CONDITIONS[-1]
                yield replace(mutant, new=f"(({new}) if {CONDITION}({condition!r}, {argument}) else ({old}))", condition=condition)


class Text:
    """A source and where its nodes stand in it: the tree counts lines and bytes."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        return self._place(node.lineno, node.col_offset), self._place(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def of(self, node: ast.stmt | ast.expr) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    def _place(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def _functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, ast.FunctionDef))


def _first_argument(function: ast.FunctionDef) -> str | None:
    names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
    return names[0] if names else None


def _defaults(function: ast.FunctionDef) -> list[ast.expr]:
    return [*function.args.defaults, *(default for default in function.args.kw_defaults if default is not None)]


def _exchanges(function: ast.FunctionDef, text: Text) -> Iterator[tuple[ast.stmt | ast.expr, str, str]]:
    """(node, operator, new source) for everything in a function's body and defaults."""
    for default in _defaults(function):
        yield from ((node, f"default: {operator}", new) for node, operator, new in _of_expression(default, text))
    for statement in function.body:
        if _is_docstring(statement):
            continue
        for node in _computing(statement):
            if isinstance(node, ast.stmt):
                yield from _of_statement(node, text)
            elif isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                yield from _of_expression(node, text)


def _computing(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes under one, without messages and annotations: what they say is not computed with."""
    if isinstance(node, (ast.Raise, ast.JoinedStr)):
        return
    yield node
    for name, field in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for child in field if isinstance(field, list) else [field]:
                if isinstance(child, ast.AST) and not _is_assertion(node, child):
                    yield from _computing(child)


def _is_assertion(node: ast.AST, keyword: ast.AST) -> bool:
    """Whether it is `strict` of a `zip`: what has equal lengths, as is asserted, is the same without it."""
    is_zip = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip"
    return is_zip and isinstance(keyword, ast.keyword) and keyword.arg == "strict"


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _of_statement(node: ast.stmt, text: Text) -> Iterator[tuple[ast.stmt | ast.expr, str, str]]:
    match node:
        case ast.Expr(value=ast.Call()):
            yield node, "statement dropped", "pass"
        case ast.AugAssign(target=target, value=value):
            yield node, "statement dropped", "pass"
            yield node, "assigned, not added", f"{text.of(target)} = {text.of(value)}"
        case ast.If(test=test):
            yield test, "condition negated", f"(not ({text.of(test)}))"
            yield test, "always", "True"
            yield test, "never", "False"


def _of_expression(node: ast.expr, text: Text) -> Iterator[tuple[ast.stmt | ast.expr, str, str]]:
    match node:
        case ast.Constant(value=bool() as value):
            yield node, "constant", str(not value)
        case ast.Constant(value=int() as value):
            yield from ((node, "constant", new) for new in dict.fromkeys((f"{value + 1}", f"({value - 1})")))
        case ast.Constant(value=float() as value):
            yield from ((node, "constant", new) for new in (f"{value * 2!r}", f"{-value!r}") if value)
            yield node, "constant", f"{value + 1!r}"
        case ast.BinOp(left=left, op=op, right=right):
            first, second = text.of(left), text.of(right)
            yield from ((node, "operator", f"({first}) {new} ({second})") for new in _BINARY.get(type(op), ()))
            yield node, "operand dropped", f"({first})"
            yield node, "operand dropped", f"({second})"
            if isinstance(op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
                yield node, "operands exchanged", f"({second}) {_symbol(op)} ({first})"
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            yield node, "sign dropped", f"({text.of(operand)})"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield node, "comparison", f"{text.of(left)} {_COMPARISONS[type(op)]} {text.of(right)}"
        case ast.BoolOp(op=op, values=[first, *rest]):
            word = " or " if isinstance(op, ast.And) else " and "
            yield node, "and / or", word.join(f"({text.of(value)})" for value in (first, *rest))
        case ast.IfExp(body=body, orelse=orelse):
            yield node, "always", f"({text.of(body)})"
            yield node, "never", f"({text.of(orelse)})"
        case ast.Call():
            yield from _of_call(node, text)
        case ast.Subscript(value=value, slice=ast.Constant(value=int() as index)):
            yield node, "index", f"{text.of(value)}[{index + 1}]"
        case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=None)) if (
            lower is not None or upper is not None
        ):
            yield node, "slice dropped", f"{text.of(value)}[:]"


def _of_call(node: ast.Call, text: Text) -> Iterator[tuple[ast.stmt | ast.expr, str, str]]:
    function, arguments = text.of(node.func), [text.of(argument) for argument in node.args]
    named = [(keyword, f"{keyword.arg}=" if keyword.arg else "**") for keyword in node.keywords]
    named = [(keyword, prefix + text.of(keyword.value)) for keyword, prefix in named]

    def call(name: str, positional: list[str], keywords: list[str]) -> str:
        return f"{name}({', '.join([*positional, *keywords])})"

    written = [source for _, source in named]
    head, dot, name = function.rpartition(".")
    if name in _FUNCTIONS:
        yield node, "function", call(f"{head}{dot}{_FUNCTIONS[name]}", arguments, written)
    if len(arguments) == 1 and not any(isinstance(argument, ast.Starred) for argument in node.args):
        yield node, "call dropped", f"({arguments[0]})"
    elif not arguments and dot:
        yield node, "call dropped", f"({head})"
    if len(arguments) > 1:
        yield node, "arguments exchanged", call(function, [arguments[1], arguments[0], *arguments[2:]], written)
        yield node, "argument dropped", call(function, arguments[:-1], written)
    for position, (keyword, _) in enumerate(named):
        if _is_assertion(node, keyword):
            continue
        others = [*written[:position], *written[position + 1 :]]
        yield node, "argument dropped", call(function, arguments, others)
        if keyword.arg in _AXES and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, int):
            yield node, "axis", call(function, arguments, [*others, f"{keyword.arg}={0 if keyword.value.value else 1}"])


def _symbol(op: ast.operator) -> str:
    return {ast.Sub: "-", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}[type(op)]


def _short(piece: str) -> str:
    line = " ".join(piece.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
