"""The trust boundary is a folder: a worker holds `respondent`, `grading/sandbox/inside`, the packages that they lie in, and no answer."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator

import pytest

from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.worker_files import TRUST_BOUNDARY
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.respondent.responses import Returned
from reference.specification import catalogue
from tests.architecture.signatures import ROOT
from tests.grading.test_attacks import LEVELS, not_run

FOLDERS = ("conformance/respondent", "conformance/grading/sandbox/inside")
PACKAGES = ("conformance/__init__.py", "conformance/grading/__init__.py", "conformance/grading/sandbox/__init__.py")
# What holds answers, or leads to them.
ANSWERS = (
    "reference", "impl_tf", "impl_torch", "tests", "conformance.judging", "conformance.cases", "conformance.faults", "conformance.diagnosis",
    "conformance.targets", "conformance.tolerance", "conformance.vectors", "conformance.grading.scoring", "conformance.grading.sandbox.judge",
)  # fmt: skip
EVERY_LEVEL = {**LEVELS, "process": isolation("process", own_root=False)}
# A submission that says what is there of the harness, by its files and by what can be imported.
LISTING = """
import importlib.util, json, os, pkgutil
import conformance

top = os.path.dirname(os.path.dirname(conformance.__file__))
files = [os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names]
modules = [module.name for module in pkgutil.walk_packages(conformance.__path__, "conformance.")]

def is_there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False

print(json.dumps([sorted(files), sorted(modules), [name for name in ANSWERS if is_there(name)]]))
"""


def _files() -> set[str]:
    """Every file of the folders and packages, by its path in the repository."""
    inside = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    return {*PACKAGES, *(path.relative_to(ROOT).as_posix() for path in inside if "__pycache__" not in path.parts)}


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.slow
@pytest.mark.parametrize("level", EVERY_LEVEL)
def test_a_worker_holds_the_folders_of_the_trust_boundary_and_nothing_else(level: str) -> None:
    """Its files are those, all that can be imported of the harness are those, and nothing that knows an answer is there."""
    if level in LEVELS:
        not_run(LEVELS[level])
    source = f"ANSWERS = {ANSWERS!r}\n{LISTING}"
    with Workers(EVERY_LEVEL[level]) as workers, workers.open("numpy", {"submission.py": source.encode()}) as subject:
        assert subject.imported.response == Returned({})
        files, modules, answers = json.loads(subject.output)
    expected = _files()
    assert set(files) == expected
    assert {"conformance", *modules} == {_module(path) for path in expected if path.endswith(".py")}
    assert answers == []


def test_the_folders_are_those_that_are_copied() -> None:
    assert tuple(f"conformance/{name}" for name in TRUST_BOUNDARY) == FOLDERS


def _imports(body: list[ast.stmt]) -> Iterator[str]:
    """What a module imports when it is imported itself; not for type checkers, and not when a function is called."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield statement.module or "."
        elif isinstance(statement, ast.If) and ast.unparse(statement.test) != "TYPE_CHECKING":
            yield from _imports([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.Try | ast.With | ast.ClassDef):
            yield from _imports(statement.body)


@pytest.mark.parametrize("path", PACKAGES)
def test_the_packages_around_the_folders_hold_no_answer(path: str) -> None:
    """They need nothing that a worker does not hold, and name no specification."""
    text = (ROOT / path).read_text(encoding="utf-8")
    held = {_module(file) for file in _files()}
    needed = {name for name in _imports(ast.parse(text).body) if name.partition(".")[0] not in sys.stdlib_module_names}
    assert needed <= held, f"a worker does not hold {needed - held}"
    assert [name for name in catalogue() if name in text] == []


def test_what_is_imported_when_it_is_not_held_would_be_found() -> None:
    """The look at imports sees what stands in an `if` and a `try`, and passes over what only type checkers and callers import."""
    source = "if x:\n    import a\ntry:\n    from b import c\nfinally:\n    pass\nif TYPE_CHECKING:\n    import d\ndef f():\n    import e\n"
    assert list(_imports(ast.parse(source).body)) == ["a", "b"]
