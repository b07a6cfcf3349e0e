"""Runs generated mutants of a package through the default cases: which of them a case catches, and which survive.

Every mutant is an import of the package in a forked process of its own, with one module's source changed. The parent has the framework and
the expectations, but not the package; so a mutant costs the import of the package and, as a rule, one case.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

from conformance.audit.equivalent_mutants import because
from conformance.audit.mutated_module import Condition, MutatedModule
from conformance.cases.case import Case
from conformance.faults.operators import Mutant, mutants_of
from conformance.judging.compare import compare
from conformance.judging.conduct.conduct import first_problem
from conformance.judging.expectation import Expectation
from conformance.judging.verify import ASKED_AGAIN
from conformance.respondent import frameworks
from conformance.respondent.responses import Returned, Unsupported
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target, framework_of
from reference.specification import Quantity, Spec

# On a machine that is busy elsewhere a case takes many times as long, and a kill by the clock would prove nothing.
SECONDS_A_CASE = 60.0
SECONDS_A_MUTANT = 600.0
# So many cases are asked before what no case asks, which kills more and costs as much as some of them.
_CASES_BEFORE = 4
_NEVER_MET = "its condition asks for the rows of what has none"
# Not mutated: what says how far off an answer may be, and what only speaks to people.
_LEFT_OUT = ("_scale", "__repr__", "get_config", "from_config", "_describe")
_SPEAKING = ("_Line.",)
# What computes; the rest of a package reads arguments and files.
ROOMS = ("formulas", "losses", "layers", "models", "training")

Prepared = Sequence[tuple[Case, Mapping[Quantity, Expectation]]]
# By specification and dtype.
PreparedCases = Mapping[tuple[str, str], tuple[Spec, Prepared]]


@dataclass(frozen=True)
class Examination:
    """What became of a mutant.

    killed_by   "specification quantity dtype, case 3"; None if it survived
    reached     whether any default case runs the function that holds it
    applied     whether its condition was ever met; always true of one without
    because     why nothing can kill it; None if that is not known
    """

    mutant: Mutant
    killed_by: str | None
    reached: bool
    applied: bool
    because: str | None = None


def generated(package: str) -> list[Mutant]:
    """Every mutant of a package, in the order of its files."""
    return [
        mutant
        for name, path in _modules(package).items()
        for mutant in mutants_of(name, path.read_text(encoding="utf-8"), _is_left_out)
    ]


def _is_left_out(function: str) -> bool:
    return function.endswith(_LEFT_OUT) or function.startswith(_SPEAKING)


def drawn(packages: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """So many of all mutants, each as likely as any other; in the order of the files."""
    everything = [mutant for package in packages for mutant in generated(package)]
    chosen = np.random.default_rng(seed).choice(len(everything), size=min(count, len(everything)), replace=False)
    return [everything[number] for number in sorted(chosen)]


def _modules(package: str) -> dict[str, Path]:
    """The modules of a package that compute, and their files. Nothing is imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    root = Path(spec.origin).parent
    paths = [path for room in ROOMS for path in sorted((root / room).glob("*.py")) if path.name != "__init__.py"]
    return {f"{package}.{path.parent.name}.{path.stem}": path for path in paths}


def examined(package: str, mutants: Sequence[Mutant], prepared: PreparedCases, jobs: int) -> Iterator[Examination]:
    """Every mutant, as it is done; `prepared` holds the default cases by specification and dtype.

    Raises:
        ValueError: the package itself does not pass the cases, so that a kill would prove nothing.
    """
    frameworks.load(framework_of(package))  # once, before the forks
    reached = _in_process(lambda: _reached(package, prepared), SECONDS_A_MUTANT * len(prepared))
    if "wrong" in reached:
        raise ValueError(f"package: expected one that passes its default cases, {package} fails {reached['wrong']}")
    running: dict[int, tuple[Mutant, int, float]] = {}
    waiting = list(reversed(mutants))
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop()
                places = [place for place, functions in reached.items() if f"{mutant.module}:{mutant.function}" in functions]
                if not places:
                    yield Examination(mutant, None, False, False, because(mutant))
                    continue
                handle, process = _forked(lambda mutant=mutant, places=places: _asked(package, mutant, places, prepared))
                running[handle] = mutant, process, time.monotonic()
            ready, _, _ = select.select(list(running), [], [], 1.0) if running else ([], [], [])
            for handle in [h for h in running if h in ready or time.monotonic() - running[h][2] > SECONDS_A_MUTANT]:
                mutant, process, _ = running.pop(handle)
                answer = _collected(handle, process, handle in ready)
                why = because(mutant) or (None if answer["met"] else _NEVER_MET)
                yield Examination(
                    mutant, answer["killed_by"], True, answer["applied"], why if answer["killed_by"] is None else None
                )
    finally:
        for handle, (_, process, _) in running.items():
            _collected(handle, process, False)


def _forked(work: Callable[[], dict[str, Any]]) -> tuple[int, int]:
    """A handle to read what the work returns, and the process that does it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return reading, process
    os.close(reading)
    os.setpgid(0, 0)
    try:
        os.write(writing, json.dumps(work()).encode())
    finally:
        os._exit(0)


def _collected(handle: int, process: int, whole: bool) -> dict[str, Any]:
    """What a process wrote; one that ended or was ended without a word was killed by that."""
    if not whole:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    written = b"".join(iter(lambda: os.read(handle, 2**16), b"")) if whole else b""
    os.close(handle)
    os.waitpid(process, 0)
    return (
        json.loads(written)
        if written
        else {"killed_by": "the process ended" if whole else "too long", "applied": True, "met": True}
    )


def _in_process(work: Callable[[], dict[str, Any]], seconds: float) -> dict[str, Any]:
    handle, process = _forked(work)
    ready, _, _ = select.select([handle], [], [], seconds)
    return _collected(handle, process, bool(ready))


def _reached(package: str, prepared: PreparedCases) -> dict[str, Any]:
    """Which functions of the package each specification's cases run, by "specification dtype"; or what the package fails."""
    subject_of = _subjects(package)
    result: dict[str, Any] = {}
    for (name, dtype), (spec, cases) in prepared.items():
        functions: set[str] = set()

        known: set[CodeType] = set()

        def trace(
            frame: FrameType, event: str, argument: object, functions: set[str] = functions, known: set[CodeType] = known
        ) -> None:
            code = frame.f_code
            if code in known:  # most calls by far
                return
            known.add(code)
            module = frame.f_globals.get("__name__", "")
            if module.startswith(package):
                functions.add(f"{module}:{_outermost(code)}")

        sys.settrace(trace)
        try:
            failure = _killed_by(subject_of(dtype), spec, dtype, cases)
        finally:
            sys.settrace(None)
        if failure is not None:
            return {"wrong": failure}
        result[f"{name} {dtype}"] = sorted(functions)
    return result


def _outermost(code: CodeType) -> str:
    return code.co_qualname.partition(".<locals>")[0]


def _asked(package: str, mutant: Mutant, places: Sequence[str], prepared: PreparedCases) -> dict[str, Any]:
    """Import the mutated package and ask it, the specifications that reach the mutation alone."""
    condition = Condition()
    sys.meta_path.insert(0, MutatedModule(mutant, _modules(package)[mutant.module], condition))
    try:
        subject_of = _subjects(package)
    except Exception as error:
        return {"killed_by": f"import: {type(error).__name__}", "applied": True, "met": True}
    killed = None
    for name, dtype in (place.split(" ") for place in places):
        spec, cases = prepared[name, dtype]
        killed = _killed_by(subject_of(dtype), spec, dtype, cases)
        if killed is not None:
            break
    applied = mutant.condition is None or condition.met
    # What never took place was stopped by something else.
    return {"killed_by": killed if applied else None, "applied": applied, "met": mutant.condition is None or condition.can_be_met}


def _subjects(package: str) -> Callable[[str], LocalSubject]:
    """The package, imported anew, in each dtype."""
    kept = {"reference.specification"}
    for name in [name for name in sys.modules if (name == package or name.startswith(f"{package}.")) and name not in kept]:
        del sys.modules[name]
    module: ModuleType = importlib.import_module(package)
    framework = framework_of(package)
    return lambda dtype: LocalSubject(Target(package, framework, dtype=dtype), module, frameworks.load(framework))


def _killed_by(subject: LocalSubject, spec: Spec, dtype: str, cases: Prepared) -> str | None:
    """What catches it: a case, the small ones first; what is asked besides the cases; or a case that is asked a second time."""
    numbered = sorted(enumerate(cases, start=1), key=lambda pair: pair[1][0].holds_model and not pair[1][0].drawn)
    again = [pair for pair in numbered if pair[1][0].drawn][:ASKED_AGAIN]
    return (
        _failing_case(subject, spec, dtype, numbered[:_CASES_BEFORE])
        or _besides_cases(subject, spec, dtype)
        or _failing_case(subject, spec, dtype, [*numbered[_CASES_BEFORE:], *again])
    )


def _failing_case(subject: LocalSubject, spec: Spec, dtype: str, numbered: Sequence[tuple[int, Any]]) -> str | None:
    for number, (case, expected) in numbered:
        with np.errstate(all="ignore"):
            responses = exercise(subject, spec, case, SECONDS_A_CASE)
        for quantity, response in responses.items():
            if isinstance(response, Unsupported):
                continue
            used = compare(expected[quantity], response.outputs, "cpu").budget_used if isinstance(response, Returned) else np.inf
            if not used <= 1:
                return f"{spec.name} {quantity} {dtype}, case {number}"
    return None


def _besides_cases(subject: LocalSubject, spec: Spec, dtype: str) -> str | None:
    problem = first_problem(subject, spec, SECONDS_A_MUTANT)
    return None if problem is None else f"{spec.name} {problem[0]} {dtype}, besides its cases: {problem[1]}"
