"""What pydantic finds wrong with an assignment file, as key path and sentence."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from conformance.grading.assignment.assignment import Assignment, AssignmentTask, Limits, Shown
from conformance.respondent.printable import described, one_line

# Where in the file, and what is wrong there.
Problem = tuple[tuple[str | int, ...], str]


def problems_of(error: ValidationError) -> Iterator[Problem]:
    """What pydantic found. It also calls a list too short of which every element is wrong."""
    errors = error.errors(include_url=False)
    places = [problem["loc"] for problem in errors]
    for problem in errors:
        inside = any(len(place) > len(problem["loc"]) and place[: len(problem["loc"])] == problem["loc"] for place in places)
        if not (problem["type"] == "too_short" and inside):
            yield _explained(dict(problem))


_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "tuple_type": "a list in [ ]",
    "dict_type": "a table, as in { value = 2, gradient = 1 }",
    "model_type": "a table",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_TABLES: Mapping[tuple[str, ...], type[BaseModel]] = {(): Assignment, ("limits",): Limits, ("shown",): Shown}


def _explained(error: Mapping[str, Any]) -> Problem:
    """Key path and sentence of what pydantic found."""
    path, kind, context = error["loc"], error["type"], error.get("ctx", {})
    of_a_key = bool(path) and path[-1] == "[key]"
    path = path[:-1] if of_a_key else path
    actual = _actual(error["input"])
    if kind == "extra_forbidden":
        table = AssignmentTask if path[0] == "specs" else _TABLES[tuple(path[:-1])]
        keys = list(table.model_fields)
        return path, f"expected one of {', '.join(keys)}; got an unknown key{nearest(str(path[-1]), keys)}"
    if kind == "missing":
        return path, "expected a value, got none"
    if kind == "literal_error":
        options = context["expected"].replace("'", "").replace(" or ", ", ")
        return path, f"expected one of {options}; got {actual}{nearest(str(error['input']), options.split(', '))}"
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return path, f"expected a number of {words} {context[bound]:g}, got {actual}"
    if kind in ("too_short", "string_too_short"):
        return path, f"expected at least {context.get('min_length', 1)} of it, got none"
    if kind == "string_too_long":
        return path, f"expected at most {context['max_length']} characters, got {len(error['input'])}"
    expected = _EXPECTED.get(kind)
    return path, f"expected {expected}, got {actual}" if expected else f"{one_line(str(error['msg']))}, got {actual}"


def _actual(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return {dict: "a table", list: "a list"}.get(type(value)) or described(value)


def nearest(word: str, words: Collection[str]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def dotted(path: tuple[str | int, ...]) -> str:
    """The path as TOML writes it."""
    words = [f"[{key}]" if isinstance(key, int) else "." + (key if _is_bare(key) else json.dumps(one_line(key))) for key in path]
    return "".join(words).removeprefix(".") or "the file"


def _is_bare(key: str) -> bool:
    return bool(key) and all(c.isascii() and (c.isalnum() or c in "_-") for c in key)
