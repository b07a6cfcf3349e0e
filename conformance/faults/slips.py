"""Slips of whoever writes a formula down: a factor on one term only, a number of one's own, an ε, another norm, an exchanged order.

Like the operators of mutation they know the syntax tree and nothing of what the code computes. Unlike them, each has a sentence, and a
number in it may be free.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.faults.syntax import exchanged, said
from conformance.faults.templates import id_of

# Stands for a number that is free, and is exchanged wherever it stands: nobody else writes it.
FREE = "1.2345e-8"
_REDUCTIONS = ("sum", "mean", "max", "min")
_OF_ELEMENTS = ("abs", "clip", "log", "exp", "sqrt", "square", "maximum", "minimum")
_OF_POSITIVE = ("log", "sqrt", "log1p")
_NORMS = {"1": "norm_1", "np.inf": "norm_inf", "2": "norm_2", "'fro'": "norm_fro", "'nuc'": "norm_nuc"}
Exchange = tuple[ast.expr, str, str]


@dataclass(frozen=True)
class Slip:
    """A statement of a function, which becomes another one; the id of the sentence that says so, and whether a number in it is free."""

    function: str
    id: str
    old: str
    new: str
    free: bool = False


def slips_of(source: str, names: frozenset[str]) -> Iterator[Slip]:
    """The slips in functions and methods of a module, by the names of mutants."""
    lines = source.splitlines()
    for name, function in _functions(ast.parse(source)):
        for statement in _statements(function) if name in names else ():
            old = _lines(lines, statement)
            indent = " " * statement.col_offset
            for new, id in _clipped(statement):
                yield Slip(name, id, old, indent + new, True)
            for node in ast.walk(statement):
                for old_node, new, id in _exchanges(name, node) if isinstance(node, ast.expr) else ():
                    written = ast.unparse(exchanged(statement, old_node, ast.parse(new, mode="eval").body))
                    yield Slip(name, id, old, indent + written, FREE in new)


def _functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, ast.FunctionDef))


def _statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    """Those that compute something and hold no other statement."""
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)):
            yield node


def _exchanges(function: str, node: ast.expr) -> Iterator[Exchange]:
    """(piece, what stands there instead, id of the sentence)."""
    match node:
        case ast.BinOp(op=ast.Mult(), left=ast.Name() | ast.Attribute() as factor, right=product):
            yield from _on_one_term(node, factor, product)
        case ast.BinOp(op=ast.Mult(), left=product, right=ast.Name() | ast.Attribute() as factor):
            yield from _on_one_term(node, factor, product)
    match node:
        case ast.BinOp(left=left, right=right) if (piece := said(node)) is not None:
            for number in (left, right):
                if isinstance(number, ast.Constant) and isinstance(number.value, float):
                    yield number, FREE, id_of("number_in", ast.unparse(number), FREE, piece)
    match node:
        case ast.BinOp(op=ast.Div(), right=divisor) if not isinstance(divisor, ast.Constant):
            yield from _added(divisor)
        case ast.Call(args=[argument, *_]) if _name(node) in _OF_POSITIVE:
            yield from _added(argument)
        case ast.Call():
            yield from _of_call(function, node)


def _lines(lines: Sequence[str], statement: ast.stmt) -> str:
    return "\n".join(lines[statement.lineno - 1 : statement.end_lineno])


def _clipped(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """What is made of gradients before they are used: by norm, all together as two libraries do it, or each alone; or by value."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call(func=ast.Attribute(attr="gradients")) as call):
            norm = "float(np.sqrt(sum(np.sum(w * w) for w in g.values())))"
            clipped = (
                (f"v * min(1.0, {FREE} / ({norm} + 1e-6))", "clipped_together"),
                (f"v * {FREE} / max({FREE}, {norm})", "clipped_together"),
                (f"v * {FREE} / max({FREE}, float(np.linalg.norm(v)))", "clipped_alone"),
                (f"np.clip(v, -{FREE}, {FREE})", "clipped_by_value"),
            )
            for element, template in clipped:
                new = f"{target} = {{k: {element} for g in [{ast.unparse(call)}] for k, v in g.items()}}"
                yield new, id_of(template, FREE)


def _on_one_term(node: ast.expr, factor: ast.expr, product: ast.expr) -> Iterator[Exchange]:
    """weight * (a + b) as weight * a + b, also where the sum is reduced afterwards."""
    reduced = product.func.value if isinstance(product, ast.Call) and isinstance(product.func, ast.Attribute) else product
    terms = list(terms_of(reduced))
    if len(terms) < 2 or (reduced is not product and _name(product) not in _REDUCTIONS[:2]):
        return
    for place, term in enumerate(terms, start=1):
        weighted = exchanged(product, term, ast.BinOp(factor, ast.Mult(), term))
        piece = said(term)
        id = id_of("factor_on", ast.unparse(factor), piece) if piece else id_of("factor_on_term", ast.unparse(factor), str(place))
        yield node, ast.unparse(weighted), id


def terms_of(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from terms_of(node.left)
        yield node.right
    else:
        yield node


def _added(node: ast.expr) -> Iterator[Exchange]:
    """An ε that keeps a logarithm, a root or a fraction finite."""
    piece = said(node)
    if piece and not isinstance(node, ast.Constant):
        yield node, f"({ast.unparse(node)}) + {FREE}", id_of("added", piece, FREE)


def _of_call(function: str, node: ast.Call) -> Iterator[Exchange]:
    name = _name(node)
    if name == "zeros_like" and len(node.args) == 1:
        yield node, f"np.full_like({ast.unparse(node.args[0])}, {FREE})", id_of("starts_at", function.rpartition(".")[2], FREE)
    if name == "clip" and len(node.args) == 3:
        low = ast.unparse(node.args[1])
        yield node, f"({ast.unparse(node.args[0])}) + {low}", id_of("clip_added", low)
    if isinstance(node.func, ast.Attribute) and name in _REDUCTIONS:
        inner = node.func.value
        # A norm makes magnitudes of its own.
        normed = inner.args[0] if isinstance(inner, ast.Call) and _name(inner) == "abs" else inner
        if name == "sum" and not node.args and not node.keywords and (piece := said(normed)):
            for order, template in _NORMS.items():
                yield node, f"np.linalg.norm({ast.unparse(normed)}, {order})", id_of(template, piece)
        if name == "mean":
            how = ", ".join([*map(ast.unparse, node.args), *(f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords)])
            yield node, f"{ast.unparse(inner)}.sum({how}) / {FREE}", id_of("divisor_remembered", ast.unparse(node), FREE)
        yield from _exchanged_order(node, node, inner)
    elif name in _OF_ELEMENTS and node.args:
        yield from _exchanged_order(node, node.args[0], node)


def _exchanged_order(node: ast.Call, reduction: ast.expr, of_elements: ast.expr) -> Iterator[Exchange]:
    """A function of the elements before a reduction, or after it, that belongs on the other side."""
    if not (_is_reduction(reduction) and isinstance(of_elements, ast.Call) and _name(of_elements) in _OF_ELEMENTS):
        return
    assert isinstance(reduction, ast.Call)
    assert isinstance(reduction.func, ast.Attribute)
    rest = [*map(ast.unparse, of_elements.args[1:]), *(f"{k.arg}={ast.unparse(k.value)}" for k in of_elements.keywords)]
    how = [*map(ast.unparse, reduction.args), *(f"{k.arg}={ast.unparse(k.value)}" for k in reduction.keywords)]
    function, reduced = ast.unparse(of_elements.func), _name(reduction)
    if node is of_elements:
        if _name(node) == "clip" and ast.unparse(node.args[-1]) == f"1.0 - {rest[0]}":
            inside = f"{function}({ast.unparse(reduction.func.value)}, {FREE}, 1.0 - {FREE})"
            yield node, f"{inside}.{reduced}({', '.join(how)})", id_of("clipped_before", reduced, FREE)
        inside = ", ".join([ast.unparse(reduction.func.value), *rest])
        yield node, f"{function}({inside}).{reduced}({', '.join(how)})", id_of("applied_before", _name(node), reduced)
    else:
        inside = f"({ast.unparse(of_elements.args[0])}).{reduced}({', '.join(how)})"
        yield node, f"{function}({', '.join([inside, *rest])})", id_of("applied_before", reduced, _name(of_elements))


def _is_reduction(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _name(node) in _REDUCTIONS


def _name(node: ast.expr) -> str:
    """Of what a call calls."""
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)


@dataclass(frozen=True)
class FactoredCall:
    """A statement with `factor * called(…)`, and the same without the factor, which the called function finds in its attribute `factor`."""

    function: str
    factor: str
    called: str
    old: str
    new: str


def factored_calls(source: str, names: frozenset[str]) -> Iterator[FactoredCall]:
    """Products of an attribute and what a function gives."""
    lines = source.splitlines()
    for name, function in _functions(ast.parse(source)):
        for statement in _statements(function) if name in names else ():
            for node in ast.walk(statement):
                match node:
                    case ast.BinOp(op=ast.Mult(), left=ast.Attribute() as factor, right=ast.Call(func=ast.Name(id=called)) as call):
                        old = _lines(lines, statement)
                        kept = f"[setattr({called}, 'factor', {ast.unparse(factor)}), {ast.unparse(call)}][1]"
                        new = ast.unparse(exchanged(statement, node, ast.parse(kept, mode="eval").body))
                        yield FactoredCall(name, ast.unparse(factor), called, old, " " * statement.col_offset + new)


def sums_of(source: str, name: str, factor: str) -> Iterator[Slip]:
    """A function's sums with a factor on one of their terms; the id is the term."""
    lines = source.splitlines()
    function = next(function for own, function in _functions(ast.parse(source)) if own == name)
    for statement in _statements(function):
        old, inside = _lines(lines, statement), set[int]()
        for node in ast.walk(statement):
            if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Add, ast.Sub)) or id(node) in inside:
                continue
            inside |= {id(part) for part in ast.walk(node)}
            for term in _every_term(node):
                piece, times = said(term), ast.BinOp(ast.parse(factor, mode="eval").body, ast.Mult(), term)
                new = ast.unparse(exchanged(statement, term, times))
                if piece:
                    yield Slip(name, piece, old, " " * statement.col_offset + new)


def _every_term(node: ast.expr) -> Iterator[ast.expr]:
    """The terms of a sum, those of a sum in brackets too."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from (*_every_term(node.left), *_every_term(node.right))
    else:
        yield node
