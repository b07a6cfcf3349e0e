"""Judging an object instead of a module: what `conforms` does."""

from __future__ import annotations

import contextlib
import difflib
import functools
import inspect
import itertools
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import conformance.derivation.catalogue  # noqa: F401  (fills the catalogue)
from conformance.cases import counterexamples
from conformance.cases.kinds import kind_of
from conformance.diagnosis.diagnosis import diagnose
from conformance.errors import NotRun, UnknownChoice, UnusableTarget
from conformance.judging.accepted_variants import accepted_variants
from conformance.judging.default_cases import default_cases
from conformance.judging.plan import SECONDS, Plan
from conformance.judging.verdicts import Verdict, conforms
from conformance.judging.verify import judge
from conformance.references.reference_file import load
from conformance.reports.sentences import complaint
from conformance.respondent import frameworks
from conformance.respondent.frameworks import DTYPES, MODES, every_device
from conformance.respondent.interview import builder_of
from conformance.targets.sources import read
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target, check_choices, framework_of, lacking, obstacle, refuse_nowhere
from reference.specification import Spec, catalogue


def demand(
    name: str,
    implementation: Callable[..., Any],
    framework: str | None,
    dtypes: tuple[str, ...],
    device: str,
    mode: str,
    examples: int,
    seed: int,
    vjp: Callable[..., Any] | None,
    strict: bool = False,
    asked_options: Mapping[str, Collection[Any]] = MappingProxyType({}),
    accept: Collection[str] = (),
    reference_file: str | os.PathLike[str] | None = None,
) -> tuple[Verdict, ...]:
    """`conformance.conforms`, with every option spelled out."""
    __tracebackhide__ = True  # pytest ends its traceback at the user's line
    if reference_file is not None:
        load(Path(reference_file))
    try:
        spec = _spec(name).limited(asked_options)
    except ValueError as problem:
        raise UnknownChoice(f"options: {problem}") from None
    spec = spec.strict() if strict else spec
    variants = accepted_variants((spec,), (accept,) if isinstance(accept, str) else accept)
    if not callable(implementation):
        raise TypeError(f"implementation: expected a function or a class, got {type(implementation).__name__}")
    if isinstance(examples, bool) or not isinstance(examples, int) or examples < 1:
        raise UnknownChoice(f"examples: expected a whole number from 1 on, got {examples!r}")
    check_choices("dtype", dtypes, DTYPES)
    check_choices("device", (device,), every_device())
    check_choices("mode", (mode,), MODES)
    check_choices("framework", () if framework is None else (framework,), tuple(frameworks.spellings()))
    chosen = _guessed(implementation) if framework is None else frameworks.spellings()[framework]
    told = framework is not None
    refuse_nowhere((device,), (chosen,))
    targets = [Target(_file(implementation) or spec.name, chosen, device, dtype, mode, told) for dtype in dtypes]
    for target in targets:
        reason = obstacle(target)
        if reason is not None:
            raise NotRun(f"not run: {reason}")
    module = _module(spec, implementation, vjp)
    with threadpool_limits(1):
        verdicts = tuple(verdict for target in targets for verdict in _verdicts(spec, target, module, examples, seed, variants))
    if not conforms(verdicts):
        values = {name: list(values) for name, values in asked_options.items()}
        options = (
            f"framework={chosen!r}, dtype={{dtype!r}}, device={device!r}, mode={mode!r}, examples={examples}, seed={seed}"
            + ", strict=True" * strict
            + (f", options={{{values!r}}}" if values else "")
            + (f", accept={sorted(variants)!r}" if variants else "")
        )
        raise AssertionError(complaint(spec, _called(implementation), verdicts, options, _keep(verdicts, module, implementation)))
    if all(verdict.outcome != "passed" for verdict in verdicts):
        raise NotRun(f"not run: {verdicts[0].reason}")
    return verdicts


def _verdicts(
    spec: Spec, target: Target, module: ModuleType, examples: int, seed: int, accept: frozenset[str]
) -> Iterator[Verdict]:
    if (reason := lacking(target)) is not None:
        yield from (Verdict(spec.name, target, quantity, "unsupported", reason=reason) for quantity in spec.quantities)
        return
    plan = Plan((spec,), (target,), seed, examples, SECONDS, accept=accept)
    with np.errstate(all="ignore"):
        prepared = list(itertools.islice(default_cases(spec, target.dtype, seed, examples), plan.needed(spec, target)))
    subject = LocalSubject(target, module, frameworks.load(target.framework))
    yield from judge(subject, spec, plan.asked(spec, target, prepared), SECONDS, diagnose=diagnose, accept=accept)


def _spec(name: str) -> Spec:
    known = catalogue()
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`conformance list` shows them all"
        raise UnknownChoice(f"name: expected the name of a specification, got {name!r}; {hint}")
    return known[name]


def _module(spec: Spec, implementation: Callable[..., Any], vjp: Callable[..., Any] | None) -> ModuleType:
    """A module that offers the object under the specification's name, or as the function that builds a plain model."""
    module = ModuleType(spec.name)
    setattr(module, _offered_as(spec, implementation), implementation)
    if vjp is not None:
        setattr(module, f"{spec.name}_vjp", vjp)
    return module


def _offered_as(spec: Spec, implementation: Callable[..., Any]) -> str:
    builder = builder_of(spec.name)
    return builder if kind_of(spec).trained and getattr(_plain(implementation), "__name__", None) == builder else spec.name


def _plain(implementation: Any) -> Any:
    """The function behind partials, decorators and bound methods."""
    while isinstance(implementation, functools.partial):
        implementation = implementation.func
    implementation = inspect.unwrap(implementation)
    return getattr(implementation, "__func__", implementation)


def _called(implementation: Any) -> str:
    plain = _plain(implementation)
    return getattr(plain, "__name__", type(plain).__name__)


def _file(implementation: Any) -> str | None:
    plain = _plain(implementation)
    with contextlib.suppress(TypeError, OSError):
        file = inspect.getsourcefile(plain if hasattr(plain, "__qualname__") else type(plain))
        if file is not None and Path(file).is_file():
            return file
    return None


def _guessed(implementation: Any) -> str:
    """The framework of the class's ancestors, of what its source says, of the modules that the function names, or that its file imports."""
    plain = _plain(implementation)
    # Functions of any framework name NumPy too.
    by_root = {root: name for root, name in frameworks.roots().items() if not frameworks.facts(name).companion}
    kind = plain if isinstance(plain, type) else type(plain)
    for ancestor in kind.__mro__:
        if (found := by_root.get(ancestor.__module__.partition(".")[0])) is not None:
            return found
    file = _file(implementation)
    with contextlib.suppress(UnusableTarget):
        written = read(file).of(getattr(plain, "__qualname__", "")) if file is not None else None
        if written is not None:
            return written.framework
    for home in _homes(plain, set()):
        if (of_home := by_root.get(home.partition(".")[0])) is not None:
            return of_home
    with contextlib.suppress(UnusableTarget):
        return framework_of(file) if file is not None else "numpy"
    return "numpy"


def _homes(function: Any, visited: set[int]) -> Iterator[str]:
    """The modules of what a function names, in itself and in functions that it calls: modules, classes and their ancestors."""
    code = getattr(function, "__code__", None)
    if code is None or id(function) in visited:
        return
    visited.add(id(function))
    closure = zip(code.co_freevars, function.__closure__ or (), strict=False)
    names = dict(getattr(function, "__globals__", {}))
    with contextlib.suppress(ValueError):  # a cell that holds nothing yet
        names |= {name: cell.cell_contents for name, cell in closure}
    for name in (*code.co_names, *code.co_freevars):
        of = names.get(name)
        if isinstance(of, ModuleType):
            yield of.__name__
        elif isinstance(of, type):
            yield from (ancestor.__module__ for ancestor in of.__mro__)
        elif of is not None:
            yield getattr(of, "__module__", None) or ""
            yield from _homes(of, visited)


def _keep(verdicts: tuple[Verdict, ...], module: ModuleType, implementation: Any) -> str | None:
    """The command that shows the first failure again, if the file offers the object under the specification's name."""
    first = next(v for v in verdicts if v.outcome in ("failed", "errored"))
    home = inspect.getmodule(_plain(implementation))
    if first.counterexample is None or getattr(home, first.spec, None) is not getattr(module, first.spec, module):
        return None
    try:
        counterexamples.keep(first.counterexample)
    except OSError:
        return None
    return first.reproduce
