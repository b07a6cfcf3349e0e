"""Reading an assignment file. It comes from a user's keyboard, so every mistake in it is one line: file, line, key, what was
expected, what came."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import conformance.derivation.catalogue  # noqa: F401  (fills the catalogue)
from conformance.errors import InvalidAssignment
from conformance.faults.catalogue import known_variants
from conformance.grading.assignment.assignment import PARTS, Assignment, Limits, parts_of
from conformance.grading.assignment.key_problems import Problem, dotted, nearest, problems_of
from conformance.grading.assignment.toml_lines import line_of, syntax_error
from conformance.judging.accepted_variants import variant_problem
from conformance.references.reference_file import load as load_reference
from conformance.respondent.printable import described, one_line
from reference.specification import Spec, catalogue

_LARGEST_FILE = 200_000


def load(path: Path, variants: Callable[[str], Collection[str]] = known_variants) -> Assignment:
    """Read and check an assignment file. `variants` gives the ids of the variants that are known of a specification.

    Raises:
        InvalidAssignment: the file cannot be read or is no assignment; every problem is one line.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
        if len(data) > _LARGEST_FILE:
            raise InvalidAssignment([f"{path}: expected at most {_LARGEST_FILE} bytes, got more"])
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InvalidAssignment([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise InvalidAssignment([f"{path}: expected UTF-8, got the byte {error.object[error.start]:#04x}"]) from error
    return parse(text.replace("\r\n", "\n"), str(path), variants)


def parse(text: str, name: str, variants: Callable[[str], Collection[str]] = known_variants) -> Assignment:
    """The assignment that a TOML text describes; `name` stands before every problem, and a reference file is looked for beside it.

    Raises:
        InvalidAssignment: every problem is one line.
        UnusableReference: the reference file that it names cannot be used.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, sentence = syntax_error(error, text)
        raise InvalidAssignment([f"{name}:{line}: expected TOML: {one_line(sentence)}"]) from error
    except RecursionError as error:
        raise InvalidAssignment([f"{name}:1: expected TOML, got brackets that are nested too deeply"]) from error
    if isinstance(own := content.get("reference"), str) and own:
        load_reference(Path(name).parent / own)
    problems: list[Problem] = list(_disagreements(content, variants))
    try:
        assignment = Assignment.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        problems += problems_of(error)
        assignment = None
    if assignment is None or problems:
        lines = sorted((line_of(text, path), dotted(path), sentence) for path, sentence in problems)
        raise InvalidAssignment([f"{name}:{line}: {key}: {sentence}" for line, key, sentence in lines])
    return assignment


def _disagreements(content: Mapping[str, Any], variants: Callable[[str], Collection[str]]) -> Iterator[Problem]:
    """What is well formed and still cannot be meant. What is not well formed is passed over: pydantic has found it."""
    for key in ("frameworks", "dtypes"):
        values = [value for value in _list(content.get(key)) if isinstance(value, str)]
        if len(set(values)) < len(values):
            yield (key,), f"expected every name once, got {', '.join(map(one_line, values))}"
    per_case, total = (
        _table(content.get("limits")).get(key, Limits.model_fields[key].default) for key in ("seconds_per_case", "seconds_in_total")
    )
    if all(isinstance(seconds, (int, float)) for seconds in (per_case, total)) and per_case > total:
        yield ("limits", "seconds_per_case"), f"expected at most seconds_in_total = {total:g}, got {per_case:g}"
    specs = catalogue()
    for name, task in _table(content.get("specs")).items():
        if name not in specs:
            yield ("specs", name), f"expected the name of a specification, got {described(name)}{nearest(name, specs)}"
        elif isinstance(task, dict):
            yield from _disagreements_on(specs[name], task, variants)


def _disagreements_on(spec: Spec, task: Mapping[str, Any], variants: Callable[[str], Collection[str]]) -> Iterator[Problem]:
    """The same of one specification."""
    at, parts = ("specs", spec.name), parts_of(spec)
    points = [part for part in _table(task.get("points")) if part in PARTS]
    for part in points:
        if part not in parts:
            yield (*at, "points", part), f"expected a part of {spec.name}, one of {', '.join(parts)}; got {part}"
    usable = [part for part in points if part in parts]
    for part in _list(task.get("public")):
        if part in PARTS and part not in points:
            choices = f"one of {', '.join(usable)}" if usable else "of which there are none"
            yield (*at, "public"), f"expected parts that have points, {choices}; got {part}"
    for option, values in _table(task.get("options")).items():
        try:
            spec.limited({option: _list(values)})
        except ValueError as problem:
            yield (*at, "options", option), str(problem)
        else:
            if not _list(values):
                yield (*at, "options", option), "expected a list of values, got none"
    for variant in _table(task.get("variants")):
        if (problem := variant_problem(variant, variants(spec.name), spec.name)) is not None:
            yield (*at, "variants", variant), problem


def _list(value: Any) -> list[Any]:
    """Empty for what is no list."""
    return value if isinstance(value, list) else []


def _table(value: Any) -> dict[str, Any]:
    """Empty for what is no table."""
    return value if isinstance(value, dict) else {}
