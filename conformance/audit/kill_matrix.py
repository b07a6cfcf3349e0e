"""What the checks are worth: which mistakes they catch, how soon, and how far right and wrong lie apart.

Every fault and variant of the catalogue is run as an implementation, through the same path as whatever is judged, until its cases are
spent (a model: until it is caught). Every rewrite must pass all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np

from conformance.cases.case import PROFILES_COME_ROUND, Case, draw, recipes
from conformance.cases.kinds import kind_of
from conformance.faults.changed.reference import IN_SINGLE_PRECISION, implementation
from conformance.faults.fault import Fault
from conformance.judging.compare import compare
from conformance.judging.default_cases import DefaultCases, default_cases
from conformance.judging.expectation import expect
from conformance.judging.plan import SECONDS
from conformance.respondent import frameworks
from conformance.respondent.responses import Returned
from conformance.targets.subject import LocalSubject, exercise
from conformance.targets.target import Target
from reference.specification import Quantity, Spec, catalogue

# Half a turn through the profiles for a formula; a model, whose expectation costs nine runs with training, gets a single case a seed.
CASES_A_SEED = 8


@dataclass(frozen=True)
class Kill:
    """The first case that a check caught a fault on. `case` counts from 1; `flag` says what kind of case it was."""

    quantity: Quantity
    case: int
    flag: str


@dataclass(frozen=True)
class MatrixRow:
    """One entry on one specification: what caught it, and the largest fraction of the error budget that it used.

    `remarked` says whether it passed as a literal form somewhere, by a wider budget than the formula's own.
    """

    entry: Fault
    spec: str
    dtype: str
    kills: tuple[Kill, ...]
    cases: int
    largest_use: float
    remarked: bool = False

    @property
    def first(self) -> Kill | None:
        """What caught it first."""
        return min(self.kills, key=lambda kill: kill.case, default=None)


def examine(entry: Fault, asked_cases: DefaultCases, until_caught: bool = False) -> MatrixRow:
    """Run an entry over the cases. A rewrite is asked all of them, a fault of a model until it is caught.

    One of a formula too where nobody asks how far from right it lies at its worst: `until_caught`.
    """
    spec, dtype = asked_cases.spec, asked_cases.dtype
    kills: dict[Quantity, Kill] = {}
    largest, count, remarked = 0.0, 0, False
    subject = subject_of(entry, spec, dtype)
    asked: Sequence[Quantity] = spec.quantities if dtype == "float64" else ("value",)
    for count, (case, expected) in enumerate(asked_cases, start=1):
        with np.errstate(all="ignore"):
            responses = exercise(subject, spec, case, SECONDS)
        for quantity in asked:
            response, used = responses[quantity], float("inf")
            if isinstance(response, Returned):
                comparison = compare(expected[quantity], response.outputs, "cpu")
                used, remarked = comparison.budget_used, remarked or bool(comparison.remarks)
            largest = max(largest, used) if not np.isnan(used) else float("inf")
            if not used <= 1 and quantity not in kills:
                kills[quantity] = Kill(quantity, count, case.flags[0] if case.flags else "")
        if kills and (until_caught or kind_of(spec).trained) and entry.kind != "rewrite":
            break
    return MatrixRow(entry, spec.name, dtype, tuple(kills.values()), count, largest, remarked)


def subject_of(entry: Fault, spec: Spec, dtype: str) -> LocalSubject:
    """The reference with the entry's change, ready to be asked. In single precision it computes in that."""
    together = (entry,) if dtype == "float64" else (entry, IN_SINGLE_PRECISION)
    target = Target(entry.id, "numpy", dtype=dtype)
    return LocalSubject(target, implementation(together, spec.name), frameworks.load("numpy"))


def audit(
    entries: Sequence[Fault],
    specs: Sequence[Spec],
    seed: int,
    examples: int,
    on_entry: Callable[[Fault], None] = lambda entry: None,
    until_caught: bool = False,
) -> Iterator[MatrixRow]:
    """Every entry on all its formulas, or on the nearest of its models that catches it; on the nearest formula in float32 too."""
    chosen = {spec.name: spec for spec in specs}
    asked_cases = cache(lambda name, dtype: default_cases(chosen[name], dtype, seed, examples))
    for entry in entries:
        places = [name for name in entry.specs if name in chosen]
        formulas = [name for name in places if not kind_of(chosen[name]).trained]
        for place in places[:1] if entry.kind == "rewrite" else formulas or places:
            row = examine(entry, asked_cases(place, "float64"), until_caught)
            yield row
            if row.kills and not formulas:
                break
        # Whole numbers are the same in every precision.
        if formulas[:1] == places[:1] and chosen[places[0]].error_scale is not None and (entry.kind == "rewrite" or not entry.wrap):
            yield examine(entry, asked_cases(places[0], "float32"), until_caught)
        on_entry(entry)


def second_chances(
    entries: Sequence[Fault], specs: Sequence[Spec], rows: Sequence[MatrixRow], seed: int, examples: int
) -> Iterator[MatrixRow]:
    """A check of a model that has caught nothing is given the entries that touch the model, until it catches one.

    `audit` asks each of them on the nearest of its models only.
    """
    for spec in specs:
        asked_cases = default_cases(spec, "float64", seed, examples)
        idle = {quantity for name, quantity in idle_checks(rows, [spec])}
        for entry in entries:
            if idle and kind_of(spec).trained and spec.name in entry.specs and entry.kind != "rewrite":
                row = examine(entry, asked_cases)
                caught = {kill.quantity for kill in row.kills}
                if caught & idle:
                    yield row
                idle -= caught


def survivors(rows: Sequence[MatrixRow]) -> list[Fault]:
    """Faults and variants of which nobody has shown that nothing can catch them: those that a formula did not, or no model at all.

    A form that a specification accepts has to be remarked, no more.
    """
    wrong = [row for row in rows if row.entry.kind != "rewrite" and row.entry.because is None and not _only_remarked(row)]
    caught = {(row.entry.id, place_of(row)) for row in wrong if row.kills}
    return list({f.entry.id: f.entry for f in wrong if (f.entry.id, place_of(f)) not in caught}.values())


def _only_remarked(row: MatrixRow) -> bool:
    """Whether the entry is a literal form of the specification, and passed as one."""
    return row.remarked and any(form.name == row.entry.id for form in catalogue()[row.spec].accepted)


def place_of(row: MatrixRow) -> str:
    """Where an entry must be caught: on every formula, on some model."""
    return "a model" if kind_of(catalogue()[row.spec]).trained else row.spec


def refuted(rows: Sequence[MatrixRow]) -> list[MatrixRow]:
    """Entries that are said to show nowhere and were caught: the proof is wrong."""
    return [row for row in rows if row.entry.because is not None and row.kills]


def condemned(rows: Sequence[MatrixRow]) -> list[MatrixRow]:
    """Correct rewrites that a check failed."""
    return [row for row in rows if row.entry.kind == "rewrite" and row.kills]


def idle_checks(rows: Sequence[MatrixRow], specs: Sequence[Spec]) -> list[tuple[str, Quantity]]:
    """Specification and quantity that caught nothing: candidates for deletion, or for a fault that nobody has thought of."""
    busy = {(row.spec, kill.quantity) for row in rows for kill in row.kills}
    audited = {row.spec for row in rows}
    return [(s.name, q) for s in specs if s.name in audited for q in s.quantities if (s.name, q) not in busy]


@dataclass(frozen=True)
class Margin:
    """How far right and wrong lie apart: the rewrite that used most of its budget, and the fault that used least, each at its worst."""

    spec: str
    dtype: str
    rewrites: int
    widest: float
    faults: int
    narrowest: float

    @property
    def closed(self) -> bool:
        """Whether a correct version fails or a fault hides inside the budget."""
        return self.widest > 1 or self.narrowest <= 1


def margins(rows: Sequence[MatrixRow]) -> list[Margin]:
    """One a specification and dtype."""
    margins_of_places = []
    for place in dict.fromkeys((row.spec, row.dtype) for row in rows):
        here = [row for row in rows if (row.spec, row.dtype) == place]
        right = [f.largest_use for f in here if f.entry.kind == "rewrite"]
        # In single precision some faults are the right thing: they are no narrower for it.
        wrong = [f.largest_use for f in here if f.entry.kind != "rewrite" and f.kills]
        margins_of_places.append(Margin(*place, len(right), max(right, default=0.0), len(wrong), min(wrong, default=float("inf"))))
    return margins_of_places


def endurance(
    entries: Sequence[Fault], specs: Sequence[Spec], seeds: int, on_case: Callable[[str], None] = lambda name: None
) -> Iterator[MatrixRow]:
    """Correct rewrites over many seeds; a finding for each, with its kills if there are any."""
    for spec in specs:
        mine = [entry for entry in entries if entry.kind == "rewrite" and spec.name == entry.specs[0]]
        kills: dict[str, list[Kill]] = {entry.id: [] for entry in mine}
        largest = dict.fromkeys(kills, 0.0)
        subjects = [subject_of(entry, spec, "float64") for entry in mine]
        asked = 0
        for case in _enduring_cases(spec, seeds) if mine else ():
            expected, asked = expect(spec, case), asked + 1
            for entry, subject in zip(mine, subjects, strict=True):
                with np.errstate(all="ignore"):
                    responses = exercise(subject, spec, case, SECONDS)
                for quantity, response in responses.items():
                    used = float("inf")
                    if isinstance(response, Returned):
                        used = compare(expected[quantity], response.outputs, "cpu").budget_used
                    largest[entry.id] = max(largest[entry.id], used)
                    if not used <= 1:
                        kills[entry.id].append(Kill(quantity, asked, case.flags[0]))
            on_case(spec.name)
        for entry in mine:
            yield MatrixRow(entry, spec.name, "float64", tuple(kills[entry.id]), asked, largest[entry.id])


def enduring_count(entries: Sequence[Fault], specs: Sequence[Spec], seeds: int) -> int:
    """How many cases `endurance` will ask."""
    first = {entry.specs[0] for entry in entries if entry.kind == "rewrite"}
    return sum(kind_of(spec).examples(CASES_A_SEED) * seeds for spec in specs if spec.name in first)


def _enduring_cases(spec: Spec, seeds: int) -> Iterator[Case]:
    """A few of every seed, from where the last seed left off in the order of profiles."""
    count = kind_of(spec).examples(CASES_A_SEED)
    for seed in range(seeds):
        first = seed * count % PROFILES_COME_ROUND
        for recipe in islice(recipes(seed, first + count), first, None):
            yield draw(spec, "float64", recipe)
