"""What is asked of one submission, and the verdicts that each part of a specification rests on.

The cases follow from a secret of the course and the content of the submission, so they cannot be learned from another submission and a
grade replays exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from conformance.cases.case import Case, cases
from conformance.cases.kinds import kind_of
from conformance.diagnosis.diagnosis import diagnose
from conformance.grading.assignment.assignment import Assignment, AssignmentTask, Part
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.judging.accepted_variants import accepted_matches, excused
from conformance.judging.expectation import expect
from conformance.judging.plain_model_allowances import able_first
from conformance.judging.plan import EXAMPLES
from conformance.judging.verdicts import CatalogueMatch, Evidence, Verdict
from conformance.judging.verify import Prepared, allowance_of, judge
from conformance.targets.subject import Subject
from reference.specification import Quantity, Spec

MOST_DRAWN = 4


@dataclass(frozen=True)
class SubmissionQuestions:
    """What is asked of one submission; of the specifications those that are `names`, None for all."""

    seeded_assignment: SeededAssignment
    submission_hash: str
    names: frozenset[str] | None = None

    @property
    def assignment(self) -> Assignment:
        return self.seeded_assignment.assignment

    def seed(self, spec: Spec, dtype: str) -> int:
        return self.seeded_assignment.seed(self.submission_hash, spec.name, dtype)


def verdicts_by_part(
    subject: Subject, questions: SubmissionQuestions, spec: Spec, task: AssignmentTask, parts: Sequence[Part]
) -> dict[Part, list[Verdict]]:
    """By part. Whatever is asked, a failure is looked for in the order of the quantities."""
    assignment, dtype, accept = questions.assignment, subject.target.dtype, task.accepted_whole
    count = kind_of(spec).examples(assignment.cases, least=2)
    # More than are asked, in place of those that a plain model cannot be asked.
    source = cases(spec, dtype, questions.seed(spec, dtype), count * MOST_DRAWN)
    drawn_cases = list(able_first(allowance_of(subject, spec), source, count))
    if kind_of(spec).trained:
        model_verdicts = _asked(subject, spec, drawn_cases, assignment.limits.seconds_per_case, accept)
        by_part: dict[Part, list[Verdict]] = {part: [v for v in model_verdicts if v.quantity == part] for part in parts}
        return by_part
    # Cases where formulas break count as the part "edges". Models have them among all their cases.
    delicate_cases = [case for case in drawn_cases if case.delicate]
    evidence: dict[Quantity, list[Evidence]] = {}
    usual_cases, seconds = [case for case in drawn_cases if not case.delicate], assignment.limits.seconds_per_case
    usual_verdicts = _asked(subject, spec, usual_cases, seconds, accept, evidence, explained=False)
    # Drawn where a mistake is to be named and few cases are allowed; nothing is decided by them.
    more_cases = partial(_more_cases, spec, dtype, questions.seed(spec, dtype), drawn_cases)
    usual_verdicts = _explained(subject, spec, usual_verdicts, lambda: [*delicate_cases, *more_cases()], seconds, accept, evidence)
    by_part: dict[Part, list[Verdict]] = {
        part: [v for v in usual_verdicts if v.quantity == part] for part in parts if part != "edges"
    }
    if "edges" not in parts:
        return by_part
    value_verdicts = [verdict for verdict in usual_verdicts if verdict.quantity == "value"]
    value_is_wrong = any(verdict.outcome != "passed" for verdict in value_verdicts)
    # A gradient that is not asked for, or wrong everywhere, costs nothing here.
    counted_quantities = {verdict.quantity for verdict in usual_verdicts if verdict.outcome == "passed"} & {"value", *parts}
    # What explains wrong answers to delicate inputs has to explain the right ones to the usual inputs too.
    edge_verdicts = value_verdicts
    if not value_is_wrong:
        edge_verdicts = _asked(subject, spec, delicate_cases, seconds, accept, evidence, explained=False)
        edge_verdicts = _explained(subject, spec, edge_verdicts, more_cases, seconds, accept, evidence)
    by_part["edges"] = [verdict for verdict in edge_verdicts if value_is_wrong or verdict.quantity in counted_quantities]
    return by_part


def _asked(
    subject: Subject,
    spec: Spec,
    chosen_cases: Sequence[Case],
    seconds: float,
    accept: frozenset[str],
    evidence: dict[Quantity, list[Evidence]] | None = None,
    explained: bool = True,
) -> list[Verdict]:
    prepared: list[Prepared] = [(case, expect(spec, case)) for case in chosen_cases]
    explanation = diagnose if explained else None
    return list(
        judge(
            subject,
            spec,
            prepared,
            seconds,
            diagnose=explanation,
            shrinking="first",
            seen=evidence,
            every_option=True,
            accept=accept,
        )
    )


def _more_cases(spec: Spec, dtype: str, seed: int, asked: Sequence[Case]) -> list[Case]:
    """Further cases of the same seed, as many as `verify` draws: by them mistakes are told apart, however few decide on the points."""
    known = {case.id for case in asked}
    return [case for case in cases(spec, dtype, seed, EXAMPLES) if case.drawn and case.id not in known]


def _explained(
    subject: Subject,
    spec: Spec,
    verdicts: Sequence[Verdict],
    more_cases: Callable[[], Sequence[Case]],
    seconds: float,
    accept: frozenset[str],
    evidence: dict[Quantity, list[Evidence]],
) -> list[Verdict]:
    """The first failure with its diagnosis, after what is accepted.

    A wrong value is explained by more cases than decide: one file has one name, as in `verify`.
    """
    failure = next((verdict for verdict in verdicts if verdict.counterexample is not None), None)
    if failure is None:
        return list(verdicts)
    if failure.quantity == "value" and failure.outcome == "failed":
        prepared: list[Prepared] = [(case, expect(spec, case)) for case in more_cases()]
        list(judge(subject, spec, prepared, seconds, shrinking="none", seen=evidence, every_option=True))
    diagnosed: list[Verdict] = []
    excuses: tuple[CatalogueMatch, ...] = ()
    for verdict in verdicts:
        if verdict.counterexample is not None and all(earlier.outcome == "passed" for earlier in diagnosed):
            others: dict[Quantity, list[Evidence]] = {q: answers for q, answers in evidence.items() if q != verdict.quantity}
            diagnosis = diagnose(spec, subject.target, verdict.quantity, evidence[verdict.quantity], others, excuses)
            excuses = excuses or accepted_matches(spec, diagnosis, accept)
            verdict = excused(spec, replace(verdict, diagnosis=diagnosis), accept)
        diagnosed.append(verdict)
    return diagnosed
