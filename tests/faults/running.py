"""Entries of the catalogue as targets: run on the default cases, judged, diagnosed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from conformance import frameworks
from conformance.cases import Case, cases, draw, recipes
from conformance.compare import compare
from conformance.exercise import LocalSubject, exercise
from conformance.expectation import Expectation, expect
from conformance.faults.catalogue import entries
from conformance.faults.diagnosis import diagnose
from conformance.faults.fault import Fault
from conformance.faults.rewriting import implementation
from conformance.responses import Returned
from conformance.targets import Target
from conformance.verdicts import Diagnosis, Evidence
from conformance.verify import ASKED_AGAIN
from reference.specification import Quantity, catalogue

SECONDS = 20.0
EXAMPLES, MODEL_EXAMPLES = 100, 12
Prepared = tuple[tuple[Case, dict[Quantity, Expectation]], ...]


@cache
def prepared(spec: str, dtype: str = "float64") -> Prepared:
    """The default cases and what is expected of them. Of a model the drawn ones: scanned digits cost minutes and show no more."""
    one = catalogue()[spec]
    drawn = (
        (draw(one, dtype, r) for r in recipes(0, MODEL_EXAMPLES))
        if one.kind == "model"
        else cases(one, dtype, seed=0, examples=EXAMPLES)
    )
    return tuple((case, dict(expect(one, case))) for case in drawn)


def subject(faults: tuple[Fault, ...], spec: str, dtype: str = "float64") -> LocalSubject:
    """The changed reference, made anew, so that what it remembers does not outlive the test."""
    module = implementation.__wrapped__(faults, spec)
    return LocalSubject(
        Target("fault", "numpy", dtype=dtype),
        module if dtype == "float64" else _rounded(module, spec, dtype),
        frameworks.load("numpy"),
    )


def first_kill(fault: Fault, spec: str) -> int | None:
    """How many cases it takes until one is not answered rightly; None if all are."""
    one, asked = catalogue()[spec], subject((fault,), spec)
    source = prepared(spec)
    for count, (case, expected) in enumerate((*source, *_asked_again(source)), 1):
        responses = exercise(asked, one, case, SECONDS)
        for quantity in one.quantities:
            response = responses[quantity]
            if not isinstance(response, Returned) or not compare(expected[quantity], response.outputs, "cpu").agrees:
                return count
    return None


@dataclass(frozen=True)
class Diagnosed:
    """What is said of a changed reference, and how long saying it took; None if all its answers agree."""

    diagnosis: Diagnosis | None
    seconds: float


def diagnosed(faults: tuple[Fault, ...], spec: str, dtype: str = "float64") -> Diagnosed:
    """The first failing quantity explained from the same evidence as in `verify`, without the shrinking that has no part in it."""
    one, asked = catalogue()[spec], subject(faults, spec, dtype)
    evidence: dict[Quantity, list[Evidence]] = {quantity: [] for quantity in one.quantities}
    source = prepared(spec, dtype)
    for case, expected in (*source, *_asked_again(source)):
        for quantity, response in exercise(asked, one, case, SECONDS).items():
            agrees = isinstance(response, Returned) and compare(expected[quantity], response.outputs, "cpu").agrees
            evidence[quantity].append(Evidence(case, expected[quantity], response, agrees))
    for quantity, gathered in evidence.items():
        started = time.perf_counter()
        found = diagnose(one, asked.target, quantity, gathered)
        if found is not None:
            return Diagnosed(found, time.perf_counter() - started)
    return Diagnosed(None, 0.0)


def _asked_again(source: Prepared) -> Prepared:
    return tuple(p for p in source if p[0].flags[0] not in ("known", "real"))[:ASKED_AGAIN]


def functions(fault: Fault) -> tuple[str, ...]:
    """The specifications of an entry that are no models."""
    return tuple(spec for spec in fault.specs if catalogue()[spec].kind != "model")


def of_kinds(*kinds: str) -> list[Fault]:
    return [fault for fault in entries().values() if fault.kind in kinds]


def _rounded(module: ModuleType, spec: str, dtype: str) -> ModuleType:
    """Answers in the dtype, computed in float64."""
    if catalogue()[spec].vjp is None:
        return module
    result = ModuleType(module.__name__)

    def narrow(value: Any) -> Any:
        return value.astype(dtype) if isinstance(value, (np.ndarray, np.floating)) and value.dtype == np.float64 else value

    def wide(inputs: dict[str, Any]) -> dict[str, Any]:
        return {n: x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype == dtype else x for n, x in inputs.items()}

    def call(**inputs: Any) -> Any:
        widened = wide(inputs)
        value = narrow(getattr(module, spec)(**widened))
        for name, array in widened.items():  # what a mistake does to its inputs is done to the given ones
            if isinstance(array, np.ndarray):
                inputs[name][...] = array
        return value

    def vjp(cotangent: Any, **inputs: Any) -> Any:
        found = getattr(module, f"{spec}_vjp")(cotangent.astype(np.float64), **wide(inputs))
        return {name: narrow(value) for name, value in found.items()}

    setattr(result, spec, call)
    setattr(result, f"{spec}_vjp", vjp)
    return result
