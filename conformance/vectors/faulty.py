"""Which catalogued mistakes a case finds: each is run as an implementation, through the same path as whatever is judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType

import numpy as np

from conformance.audit.kill_matrix import subject_of
from conformance.cases.case import Case
from conformance.faults.catalogue import entries_for
from conformance.faults.fault import Fault
from conformance.judging.compare import compare
from conformance.judging.expectation import Expectation
from conformance.judging.plan import SECONDS
from conformance.respondent.interview import Question
from conformance.respondent.offers import Offered
from conformance.respondent.responses import Output, Returned, Unsupported
from conformance.targets.subject import LocalSubject, Responses, Subject, exercise
from conformance.targets.target import Target
from conformance.tolerance import round_to
from reference.specification import Quantity, catalogue

_NOTHING_CHANGED = Fault("reference", (), "", "", "", "rewrite")


@dataclass(frozen=True)
class Rounded:
    """A subject that computes in float64, its answers rounded to `dtype`: what the exact answer looks like in that dtype."""

    local: LocalSubject
    dtype: str

    @property
    def target(self) -> Target:
        return replace(self.local.target, dtype=self.dtype)

    def has(self, name: str) -> bool:
        return self.local.has(name)

    def builds(self, name: str) -> bool:
        return self.local.builds(name)

    def names(self) -> Collection[str]:
        return self.local.names()

    def offered(self, name: str) -> Offered | None:
        return self.local.offered(name)

    def ask(self, question: Question, seconds: float) -> Responses:
        responses = self.local.ask(question, seconds)
        return {
            quantity: Returned({name: self._rounded(name, output) for name, output in response.outputs.items()})
            if isinstance(response, Returned)
            else response
            for quantity, response in responses.items()
        }

    def _rounded(self, name: str, output: object) -> object:
        """Losses of a training run come back as Python floats, whatever the dtype of the model."""
        if not isinstance(output, Output) or output.dtype != "float64" or name.endswith("losses"):
            return output
        numbers = round_to(output.array, self.dtype)
        return Output(numbers if self.dtype == "bfloat16" else numbers.astype(self.dtype), self.dtype, output.device)


def reference_subject(name: str, dtype: str) -> Subject:
    """The reference itself, ready to be asked."""
    return _subject(_NOTHING_CHANGED, name, dtype)


def findable(spec: str) -> tuple[Fault, ...]:
    """Mistakes and variants that touch the specification, but for those of which is shown that no input tells them."""
    return tuple(entry for entry in entries_for(spec) if entry.because is None)


def finds(entry: Fault, case: Case, expected: Mapping[Quantity, Expectation]) -> bool:
    """Whether the case catches the entry.

    In float64 the changed reference is asked. In other dtypes its exact answer is rounded; for a function in float32 it is also asked
    to compute in that precision, which shows what a mistake makes of rounding errors, if the unchanged reference passes there.
    """
    spec, subject = catalogue()[case.spec], _subject(entry, case.spec, case.dtype)
    # What is changed from outside may remember that it was asked: whoever is right is right twice.
    if any(_differs(subject, case, expected, spec.quantities) for _ in range(2 if entry.wrap is not None else 1)):
        return True
    if case.dtype != "float32" or spec.error_scale is None:
        return False
    return _differs(_in_single_precision(entry, case.spec), case, expected, ("value",)) and not _differs(
        _in_single_precision(_NOTHING_CHANGED, case.spec), case, expected, ("value",)
    )


def _differs(subject: Subject, case: Case, expected: Mapping[Quantity, Expectation], quantities: Sequence[Quantity]) -> bool:
    with np.errstate(all="ignore"):
        responses = exercise(subject, catalogue()[case.spec], case, SECONDS)
    for quantity in quantities:
        response = responses[quantity]
        if isinstance(response, Returned):
            if not compare(expected[quantity], response.outputs, "cpu").agrees:
                return True
        elif not isinstance(response, Unsupported):
            return True
    return False


def _subject(entry: Fault, name: str, dtype: str) -> Subject:
    local = _asked_in(entry, name, "float64")
    return local if dtype == "float64" else Rounded(local, dtype)


def _in_single_precision(entry: Fault, name: str) -> Subject:
    return _asked_in(entry, name, "float32")


def _asked_in(entry: Fault, name: str, dtype: str) -> LocalSubject:
    """What is changed from outside may remember that it was asked: it is made anew, or a claim would depend on the cases before it."""
    if entry.wrap is None:
        return _changed(entry, name, dtype)
    local = _changed(replace(entry, wrap=None), name, dtype)
    module = ModuleType(entry.id)
    module.__dict__.update(vars(local.module), **{name: entry.wrap(getattr(local.module, name))})
    return replace(local, module=module)


@lru_cache(maxsize=4096)
def _changed(entry: Fault, name: str, dtype: str) -> LocalSubject:
    return subject_of(entry, catalogue()[name], dtype)
