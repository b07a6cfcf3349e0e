"""A file of a user's specifications, read into the catalogue, or refused in one sentence."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import importlib.util
import inspect
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.cases.case import draw, recipes
from conformance.errors import UnusableReference
from conformance.faults.changed import reference
from conformance.references.completion import bare, complete, is_real, takes_arrays
from conformance.references.declaration import Declaration, declaration_of
from conformance.references.trial import problem_of_answers, problem_of_derived
from conformance.respondent.deadline import Late, deadline
from conformance.respondent.printable import in_brackets, message_of, place_of
from reference.specification import Spec, catalogue, enter, withdraw

_SECONDS_TO_IMPORT = 20.0
# File -> what stood in it, and the specifications of it.
_read: dict[str, tuple[str, tuple[Spec, ...]]] = {}


def load(path: str | Path) -> tuple[Spec, ...]:
    """The specifications of a file, in its order; from now on they are in the catalogue.

    Raises:
        UnusableReference: there is no such file, it does not import, or a function of it contradicts itself.
    """
    file = Path(path)
    shown, resolved = str(path), str(file.resolve())
    if file.suffix != ".py" or not file.is_file():
        raise UnusableReference(f"reference: expected a Python file, got {shown!r}, which is none")
    content = hashlib.sha256(file.read_bytes()).hexdigest()
    if resolved in _read and _read[resolved][0] == content:
        return _read[resolved][1]
    _forget(resolved)
    module = _imported(file, shown, content)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            specs = tuple(_tried(function, declaration, shown) for function, declaration in _decorated(module, shown))
    except BaseException:
        del sys.modules[module.__name__]
        raise
    for spec in specs:
        enter(spec)
    _read[resolved] = content, specs
    return specs


def forget() -> None:
    """Take every user's specification out of this process: who answers must not know what is right."""
    for file in list(_read):
        _forget(file)


def _forget(file: str) -> None:
    _, specs = _read.pop(file, ("", ()))
    if specs:
        reference.forget()
    for spec in specs:
        withdraw(spec.name)
        sys.modules.pop(spec.evaluate.__module__, None)


def _imported(file: Path, shown: str, content: str) -> ModuleType:
    """The module, under a name that no target's module has."""
    name = f"reference_file_{file.stem}_{content[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    folder, before = str(file.parent.resolve()), set(sys.modules)
    sys.modules[name] = module
    sys.path.insert(0, folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), deadline(_SECONDS_TO_IMPORT):
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a file may raise anything on import, SystemExit included
        del sys.modules[name]
        late = isinstance(error, Late)
        reason = f"it took more than {_SECONDS_TO_IMPORT:g} s" if late else f"{type(error).__name__}: {message_of(error)}"
        raise UnusableReference(f"reference: {shown} does not import: {reason}{in_brackets(place_of(error))}") from error
    finally:
        sys.path.remove(folder)
        # Files beside it are its own: a target may have files of the same name.
        for other in sys.modules.keys() - before - {name}:
            beside = getattr(sys.modules[other], "__file__", None) or ""
            if Path(beside).is_relative_to(folder) and "site-packages" not in beside:
                del sys.modules[other]
    return module


def _decorated(module: ModuleType, shown: str) -> Iterator[tuple[Any, Declaration]]:
    """The decorated functions that the file itself defines."""
    found = {
        id(value): (value, declaration)
        for value in vars(module).values()
        if getattr(value, "__module__", None) == module.__name__ and (declaration := declaration_of(value)) is not None
    }
    if not found:
        raise UnusableReference(
            f"reference: {shown}: expected functions that are decorated with @specification(...), found none; "
            "from conformance.references import specification"
        )
    yield from found.values()


def _tried(function: Any, declaration: Declaration, shown: str) -> Spec:
    name = function.__name__
    problem = _problem_of_names(function, declaration)
    spec = bare(function, declaration, shown)
    problem = problem or problem_of_answers(spec)
    if problem is None:
        real = is_real(function(**draw(spec, "float64", next(recipes(0, 1))).inputs))
        if real and not takes_arrays(declaration):
            problem = "expected a real array among its arguments, found none"
        else:
            spec = complete(function, declaration, shown, real)
            problem = problem_of_derived(spec)
    if problem is not None:
        raise UnusableReference(f"reference: {shown}: {name}: {problem}")
    return spec


def _problem_of_names(function: Any, declaration: Declaration) -> str | None:
    """Whether names of the function and of its arguments can be what they are."""
    if function.__name__ in catalogue():
        owner = catalogue()[function.__name__].file or "this project"
        return f"expected a name of its own, got one that {owner} specifies too"
    if unknown := sorted(declaration.given.keys() - Spec.__dataclass_fields__.keys()):
        return f"expected fields of a specification, got {unknown[0]!r}"
    parameters = inspect.signature(function).parameters
    for argument in declaration.domains:
        if argument not in parameters:
            near = difflib.get_close_matches(argument, parameters, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            return f"expected domains of its arguments {', '.join(parameters)}; got one of {argument!r}{hint}"
    for argument in parameters:
        if argument not in declaration.domains:
            return f"expected a domain for every argument, found none for {argument!r}"
    return None
