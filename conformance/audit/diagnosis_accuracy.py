"""How well mistakes are named: entries of the catalogue, alone and two at once, judged on the default cases and diagnosed.

What is diagnosed is the first quantity that fails, from the same evidence as in `verify`. Every diagnosis starts cold, as it does where a
single target fails: nothing that an earlier one has made is at hand.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from conformance.cases.kinds import kind_of
from conformance.diagnosis.diagnosis import diagnose
from conformance.diagnosis.formula_search import predicted
from conformance.faults.catalogue import entries
from conformance.faults.changed import reference
from conformance.faults.changed.reference import IN_SINGLE_PRECISION, Inapplicable
from conformance.faults.fault import Fault
from conformance.judging.compare import compare, compare_response
from conformance.judging.default_cases import DefaultCases, default_cases
from conformance.judging.expectation import Expected
from conformance.judging.plan import SECONDS
from conformance.judging.verdicts import Diagnosis, Evidence
from conformance.judging.verify import ASKED_AGAIN, Prepared
from conformance.respondent import frameworks
from conformance.respondent.responses import Output
from conformance.targets.subject import LocalSubject, question_of
from conformance.targets.target import Target
from conformance.tolerance import explained_error
from reference.specification import Quantity, Spec

Faults = tuple[Fault, ...]
# What a sampled pair is drawn from again and again, until it has as many as were asked for, or none is left.
_TRIES_A_PAIR = 20


@dataclass(frozen=True)
class DiagnosedMistake:
    """What was said of mistakes that were made. `hidden`: of two, one alone gives the same answers, so that the other cannot be seen."""

    made: tuple[str, ...]
    spec: str
    quantity: Quantity
    named: bool
    hidden: bool
    sentence: str
    seconds: float


class Examination:
    """The default cases of a specification, and what is said of the mistakes that are made in it."""

    def __init__(self, spec: Spec, dtype: str, seed: int, examples: int) -> None:
        self.spec, self.dtype = spec, dtype
        self._cases = default_cases(spec, dtype, seed, examples)
        self._others = DefaultCases(spec, dtype, seed + 1, examples, drawn_only=True)

    def of_one(self, fault: Fault) -> DiagnosedMistake | None:
        """Whether the mistake is named first, or after others that give the same answers to other cases too. None if nothing fails."""
        outcome = self.diagnosed((fault,))
        if outcome is None:
            return None
        quantity, diagnosis, seconds = outcome
        alone = [match.ids[0] for match in diagnosis.matches if len(match.ids) == 1]
        place = next((alone.index(name) for name in (fault.id, fault.same_as) if name in alone), None)
        named = place is not None and all(self._equal(entries()[name], fault, quantity) for name in alone[:place])
        return DiagnosedMistake((fault.id,), self.spec.name, quantity, named, False, diagnosis.sentence, seconds)

    def of_two(self, first: Fault, second: Fault) -> DiagnosedMistake | None:
        """Whether both mistakes are named in one match."""
        outcome = self.diagnosed((first, second))
        if outcome is None:
            return None
        quantity, diagnosis, seconds = outcome
        made = {first.id, second.id}
        named = any(made <= set(match.ids) for match in diagnosis.matches)
        hidden = not named and any(set(match.ids) < made for match in diagnosis.matches)
        return DiagnosedMistake((first.id, second.id), self.spec.name, quantity, named, hidden, diagnosis.sentence, seconds)

    def diagnosed(self, faults: Faults) -> tuple[Quantity, Diagnosis, float] | None:
        """The first quantity that fails with these mistakes, what is said of it, and how long that took; None if none fails."""
        subject = _subject(faults, self.spec, self.dtype)
        right: dict[Quantity, list[Evidence]] = {}
        for quantity in self.spec.quantities:
            evidence = list(self._evidence(subject, quantity))
            if all(observation.agrees for observation in evidence):
                right[quantity] = evidence
                continue
            reference.forget()
            started = time.process_time()
            diagnosis = diagnose(self.spec, subject.target, quantity, evidence, right)
            assert diagnosis is not None
            return quantity, diagnosis, time.process_time() - started
        return None

    def _evidence(self, subject: LocalSubject, quantity: Quantity) -> Iterator[Evidence]:
        for case, expected in (*self._cases, *_asked_again(tuple(self._cases))):
            question = question_of(self.spec, case)
            if kind_of(self.spec).trained:
                question = replace(question, quantities=(quantity,))
            with np.errstate(all="ignore"):
                response = subject.ask(question, SECONDS)[quantity]
            yield Evidence(case, expected[quantity], response, compare_response(expected[quantity], response, "cpu"))

    def _equal(self, first: Fault, second: Fault, quantity: Quantity) -> bool:
        """Whether two mistakes give the same answers to cases that were not asked."""
        for case, expected in self._others:
            try:
                with np.errstate(all="ignore"):
                    prediction, answered = (predicted((fault,), self.spec, quantity, case) for fault in (first, second))
            except Exception:  # a changed reference may raise anything on inputs that it was not written for
                return False
            right = {name: _around(prediction[name], part) for name, part in expected[quantity].items()}
            given = {name: _as_output(answered[name], part) for name, part in expected[quantity].items()}
            if not compare(right, given, "cpu").agrees:
                return False
        return True


# What the project promises of its diagnoses.
LEAST_SHARE_OF_SINGLES, LEAST_SHARE_OF_PAIRS, LONGEST_SECONDS = 0.95, 0.80, 0.5
# Pairs drawn for a specification.
PAIRS = 12


@dataclass(frozen=True)
class Figures:
    """What is known of the diagnoses of several specifications in one dtype."""

    what: str
    singles: Sequence[DiagnosedMistake]
    pairs: Sequence[DiagnosedMistake]

    @property
    def seen(self) -> Sequence[DiagnosedMistake]:
        """The pairs of which both show."""
        return [pair for pair in self.pairs if not pair.hidden]

    @property
    def seconds(self) -> Sequence[float]:
        """How long each diagnosis took."""
        return [mistake.seconds for mistake in (*self.singles, *self.pairs)]

    @property
    def kept(self) -> bool:
        """Whether all that is promised holds."""
        return self.recognised and max(self.seconds, default=0.0) <= LONGEST_SECONDS

    @property
    def recognised(self) -> bool:
        """Whether as many are named as is promised."""
        singles, pairs = _named(self.singles), _named(self.seen)
        return singles >= LEAST_SHARE_OF_SINGLES * len(self.singles) and pairs >= LEAST_SHARE_OF_PAIRS * len(self.seen)


def _named(mistakes: Sequence[DiagnosedMistake]) -> int:
    return sum(mistake.named for mistake in mistakes)


def name_all(
    faults: Sequence[Fault], specs: Sequence[Spec], seed: int, examples: int, on_one: Callable[[str], None] = lambda name: None
) -> Iterator[tuple[str, DiagnosedMistake]]:
    """Every mistake and variant on every formula and on the nearest of its models, and pairs of them; with the row that it belongs to."""
    for spec in specs:
        for dtype in ("float64", "float32") if spec.error_scale is not None else ("float64",):
            row = f"{kind_of(spec).label}s {dtype}"
            examination = Examination(spec, dtype, seed, examples)
            alone = []
            for fault in tried(faults, spec):
                mistake = examination.of_one(fault)
                on_one(f"{spec.name} {dtype}")
                if mistake is not None:
                    alone.append(mistake)
                    yield row, mistake
            for mistake in pairs(examination, alone, faults, PAIRS, seed) if dtype == "float64" else ():
                on_one(f"{spec.name}, pairs")
                yield row, mistake


def tried(faults: Sequence[Fault], spec: Spec) -> Sequence[Fault]:
    """Those that are diagnosed on a specification."""
    wrong = [fault for fault in faults if spec.name in fault.specs and fault.kind != "rewrite" and fault.because is None]
    return [fault for fault in wrong if fault.specs[0] == spec.name] if kind_of(spec).trained else wrong


def expected_count(faults: Sequence[Fault], specs: Sequence[Spec]) -> int:
    """About how many diagnoses `name_all` makes."""
    return sum(len(tried(faults, spec)) * (1 if spec.error_scale is None else 2) + PAIRS for spec in specs)


def figures(mistakes: Sequence[tuple[str, DiagnosedMistake]]) -> list[Figures]:
    """One for each row, in the order in which they came."""
    return [
        Figures(
            row,
            [mistake for place, mistake in mistakes if place == row and len(mistake.made) == 1],
            [mistake for place, mistake in mistakes if place == row and len(mistake.made) == 2],
        )
        for row in dict.fromkeys(place for place, _ in mistakes)
    ]


def pairs(
    examination: Examination, alone: Sequence[DiagnosedMistake], faults: Sequence[Fault], count: int, seed: int
) -> Iterator[DiagnosedMistake]:
    """Two at once, drawn by chance, where both show in the same quantity first: what fails later is not diagnosed."""
    rng = random.Random(f"{seed} {examination.spec.name}")
    first_in = {mistake.made[0]: mistake.quantity for mistake in alone}
    able = [e for e in faults if e.id in first_in and e.symptom is None and e.same_as is None and e.noise is None and e.changes]
    tried: set[frozenset[str]] = set()
    for _ in range(_TRIES_A_PAIR * count):
        if count == 0 or len(able) < 2:
            return
        first, second = rng.sample(able, 2)
        ids = frozenset((first.id, second.id))
        if first_in[first.id] != first_in[second.id] or ids in tried:
            continue
        tried.add(ids)
        try:
            mistake = examination.of_two(first, second)
        except Inapplicable:  # both exchange the same piece
            continue
        if mistake is not None:
            count -= 1
            yield mistake


def _subject(faults: Faults, spec: Spec, dtype: str) -> LocalSubject:
    """The changed reference, made anew: what it remembers must not outlive it."""
    together = faults if dtype == "float64" else (*faults, IN_SINGLE_PRECISION)
    module = reference.implementation.__wrapped__(together, spec.name)
    if dtype != "float64":
        # A constant of double precision makes NumPy's result double, and no framework's.
        for name, function in list(vars(module).items()):
            if callable(function):
                setattr(module, name, _answering_in(dtype, function))
    return LocalSubject(Target("changed.py", "numpy", dtype=dtype), module, frameworks.load("numpy"))


def _answering_in(dtype: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def narrow(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: narrow(item) for name, item in value.items()}
        return value.astype(dtype) if isinstance(value, (np.ndarray, np.floating)) and value.dtype == np.float64 else value

    return lambda *arguments, **inputs: narrow(function(*arguments, **inputs))


def _asked_again(asked: Sequence[Prepared]) -> Sequence[Prepared]:
    return [prepared for prepared in asked if prepared[0].flags[0] not in ("known", "real")][:ASKED_AGAIN]


def _around(prediction: Any, right: Any) -> Any:
    """What a mistake says, with the room in which another way to write it stays."""
    if not isinstance(right, Expected):
        return prediction
    value = np.asarray(prediction)
    room = np.max(right.allowed, initial=0.0) if value.shape != right.value.shape else right.allowed
    return Expected(value, explained_error(room, value, right.dtype), value.dtype.name)


def _as_output(prediction: Any, right: Any) -> Any:
    return Output(np.asarray(prediction), np.asarray(prediction).dtype.name, "host") if isinstance(right, Expected) else prediction
