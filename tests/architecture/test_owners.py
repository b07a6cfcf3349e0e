"""A concept has an owner: what stands in one file is spelt in no other."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping

import conformance
from conformance.judging.plan import EXAMPLES
from conformance.respondent import frameworks
from tests.architecture.signatures import ROOT

PACKAGE = ROOT / "conformance"
# What never leaves the room in which it is raised, so no user hears of it: beside foreign code, in the judge, between two rewrites.
INTERNAL = {"NotAnAnswer", "NotSupported", "Late", "Malformed", "Ended", "Broken", "BrokenWorker", "Inapplicable"}
# Each package trains by a `fit` of its own, and the laboratory knows how.
CALLS_BY_FRAMEWORK = {"claims/laboratory.py"}

# Who asks for the kind of a specification itself, and what for.
ASKS_FOR_THE_KIND: Mapping[str, str] = {
    "grading/publish/starter_files.py": "a table of the methods that a student writes",
    "judging/expectation.py": "a table of what the reference says",
    "vectors/selection.py": "a table of how cases for a file are chosen",
    "vectors/document.py": "the format has a field for it",
    "targets/subject.py": "a question carries it to where the reference is not",
    "respondent/interview.py": "a question carries it; a table of how the target is asked",
}
# What else has a kind, by the names it goes by: an array's dtype, an entry of the catalogue, a parameter, what is offered, a changed grade.
OTHER_KINDS = {"dtype", "entry", "fault", "parameter", "p", "offered", "change"}


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


def _asks_for_a_kind(node: ast.AST) -> bool:
    """Whether it reads `.kind` of anything but what is known to be no specification."""
    return isinstance(node, ast.Attribute) and node.attr == "kind" and ast.unparse(node.value).split(".")[-1] not in OTHER_KINDS


def test_the_kind_of_a_specification_is_asked_by_its_owner() -> None:
    """Elsewhere facts are read, `kind_of(spec).trained`: a new kind says them, and no file has to be looked through."""
    asking = {
        name for name, tree in _trees() if not name.startswith("cases/kinds/") for node in ast.walk(tree) if _asks_for_a_kind(node)
    }
    assert sorted(asking - ASKS_FOR_THE_KIND.keys()) == []
    assert sorted(ASKS_FOR_THE_KIND.keys() - asking) == []
