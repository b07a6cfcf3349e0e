"""What is said of a target: one verdict a specification and quantity."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.cases.case import Case
from conformance.judging.compare import Comparison, Worst
from conformance.judging.expectation import Expectation
from conformance.respondent.responses import Response
from conformance.respondent.symptoms import Symptom
from conformance.targets.target import Target
from reference.specification import Quantity, Spec

# What was compared where a device holds no numbers; and in two words, for tables.
WITHOUT_VALUES, STRUCTURE_ONLY = "by shapes, dtypes and devices; no values", "structure only"

Outcome = Literal["passed", "failed", "errored", "unsupported", "not run"]
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "errored", "unsupported", "not run")


@dataclass(frozen=True)
class Evidence:
    """What was asked, what should have come, what came, and how that compares. What is `left_out` was not asked of a plain model."""

    case: Case
    expected: Expectation
    response: Response
    comparison: Comparison
    left_out: frozenset[str] = frozenset()

    @property
    def agrees(self) -> bool:
        return self.comparison.agrees

    @property
    def symptom(self) -> Symptom | None:
        """What was noticed; None where it agrees."""
        return self.comparison.symptom


@dataclass(frozen=True)
class CatalogueMatch:
    """Known mistakes or variants, one or two at once, that explain every case."""

    ids: tuple[str, ...]
    sentences: tuple[str, ...]
    hints: tuple[str, ...]
    variant: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """What is said of a failure beyond its numbers. Several matches are explanations that these cases cannot tell apart.

    `sentence` says it all in one line, `explained` of `cases` answers being explained; without a match it describes what the failures
    have in common. `silent` failures gave no answer, which nothing here explains.
    """

    sentence: str
    matches: tuple[CatalogueMatch, ...] = ()
    explained: int = 0
    cases: int = 0
    silent: int = 0


@dataclass(frozen=True)
class Remark:
    """What is said of a target that passes as a literal form, or as an accepted variant: which, and what is different."""

    form: str
    sentence: str


def remarks_of(spec: Spec, forms: Container[str]) -> tuple[Remark, ...]:
    """What is said of these literal forms of a specification."""
    return tuple(Remark(form.name, form.remark["en"]) for form in spec.accepted if form.name in forms)


@dataclass(frozen=True)
class Verdict:
    """Whether a target computes a quantity as the reference says.

    passed       every case stayed within its error budget, or within that of a literal form, or is predicted by an accepted variant;
                 either is among the `remarks`
    failed       it answered, and some answer was wrong
    errored      it gave no answer on some case: raised, ran out of time, ended its process
    unsupported  it does not offer this, and says so
    not run      it could not be asked here: no such device, framework not installed

    `budget_used` is the largest fraction of the error budget over all cases; `worst` is the element that used it, or the element that
    failed in the counterexample. `reason` is a sentence wherever the outcome is not "passed", and `symptom` what was noticed, where
    anything was asked. `strict` says that no literal form was accepted. `not_offered`
    counts the cases that asked for an option which it does not have. `without_values` says of what passed that it did on a device without
    numbers; then no budget was used.
    `file` is the user's that specifies it, None for the reference's own.
    `response` is what came for the counterexample, None where nothing is wrong or nothing was asked.
    """

    spec: str
    target: Target
    quantity: Quantity
    outcome: Outcome
    cases: int = 0
    failures: int = 0
    budget_used: float | None = None
    worst: Worst | None = None
    reason: str | None = None
    counterexample: Case | None = None
    seconds: float = 0.0
    diagnosis: Diagnosis | None = None
    response: Response | None = field(default=None, compare=False)
    symptom: Symptom | None = None
    remarks: tuple[Remark, ...] = ()
    strict: bool = False
    not_offered: Mapping[str, int] = field(default_factory=dict[str, int])
    without_values: bool = False
    file: str | None = None

    @property
    def said(self) -> str:
        """The outcome in words, with what is remarked of it."""
        outcome = f"{self.outcome} {WITHOUT_VALUES}" if self.without_values else self.outcome
        return outcome + "".join(f", with a remark: {remark.sentence}" for remark in self.remarks)

    @property
    def reproduce(self) -> str | None:
        """The command that shows the failure again."""
        if self.counterexample is None:
            return None
        command = f"conformance reproduce {self.counterexample.id} --target {shlex.quote(self.target.module)}"
        for option, value, usual in (("device", self.target.device, "cpu"), ("mode", self.target.mode, "eager")):
            command += "" if value == usual else f" --{option} {value}"
        command += " --strict" * self.strict
        command += f" --reference {shlex.quote(self.file)}" if self.file is not None else ""
        return command + (f" --framework {self.target.framework}" if self.target.told else "")


def conforms(verdicts: Iterable[Verdict]) -> bool:
    """Whether nothing failed or errored."""
    return all(v.outcome not in ("failed", "errored") for v in verdicts)


def was_run(verdicts: Iterable[Verdict]) -> bool:
    """Whether anything was compared at all."""
    return any(v.outcome in ("passed", "failed", "errored") for v in verdicts)
