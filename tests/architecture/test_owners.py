"""A concept has an owner: what stands in one file is spelt in no other."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

import conformance
from conformance.judging.plan import EXAMPLES
from conformance.respondent import frameworks
from tests.architecture.signatures import ROOT

PACKAGE = ROOT / "conformance"
# What never leaves the room in which it is raised, so no user hears of it: beside foreign code, in the judge, between two rewrites.
INTERNAL = {"NotAnAnswer", "NotSupported", "Late", "Malformed", "Ended", "Broken", "BrokenWorker", "Inapplicable"}
# Each package trains by a `fit` of its own, and the laboratory knows how.
CALLS_BY_FRAMEWORK = {"claims/laboratory.py"}


def _trees() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _is_error(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        isinstance(base, ast.Name) and (base.id.endswith(("Error", "Exception")) or base.id in INTERNAL) for base in node.bases
    )


def test_every_error_of_a_user_stands_in_one_file() -> None:
    """No other file of the harness defines an exception, but those that are caught where they are raised."""
    defined = {
        (name, node.name)
        for name, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _is_error(node)
    }
    assert [pair for pair in sorted(defined) if pair[0] != "errors.py" and pair[1] not in INTERNAL] == []
    assert ("errors.py", "UnknownChoice") in defined


def test_errors_of_users_are_caught_in_one_place() -> None:
    """Whatever a user can cause ends a command in the same way."""
    handlers = [
        name
        for name, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and "UserError" in ast.dump(node)
    ]
    assert handlers == ["commands/process.py"]


def test_frameworks_are_named_in_their_own_files() -> None:
    """Outside them no text is the name, alias, root or package of a framework; NumPy, in which the reference is written, apart."""
    known = [frameworks.facts(name) for name in frameworks.names() if name != "numpy"]
    words = {word for facts in known for word in (facts.name, *facts.aliases, *facts.roots, facts.package)}
    named = {
        f"{name}:{node.lineno} {node.value}"
        for name, tree in _trees()
        if not name.startswith("respondent/frameworks/") and name not in CALLS_BY_FRAMEWORK
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in words
    }
    assert named == set()


def test_conforms_draws_as_many_cases_as_the_command() -> None:
    """Its signature says the number itself, for the package imports nothing before it is asked."""
    assert inspect.signature(conformance.conforms).parameters["examples"].default == EXAMPLES
