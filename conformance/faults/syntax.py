"""Pieces of a syntax tree: exchanged for others, and as sentences show them."""

from __future__ import annotations

import ast
from typing import Any

# A piece that is longer is no sentence.
_LONGEST = 60


def exchanged(tree: Any, old: ast.AST, new: ast.AST) -> Any:
    """A copy with one node exchanged; the rest of the nodes are the same where nothing below them changes."""
    if tree is old:
        return new
    fields = {name: _field(value, old, new) for name, value in ast.iter_fields(tree)}
    if all(fields[name] is value for name, value in ast.iter_fields(tree)):
        return tree
    return ast.copy_location(type(tree)(**fields), tree)


def _field(value: Any, old: ast.AST, new: ast.AST) -> Any:
    if isinstance(value, list):
        items = [exchanged(child, old, new) if isinstance(child, ast.AST) else child for child in value]
        return value if all(item is child for item, child in zip(items, value, strict=True)) else items
    return exchanged(value, old, new) if isinstance(value, ast.AST) else value


def said(node: ast.expr) -> str | None:
    """A piece as sentences show it; None where it is too long, or holds what separates the parts of an id."""
    piece = ast.unparse(node).replace("np.", "")
    return piece if len(piece) <= _LONGEST and "#" not in piece else None
