"""One submission's checks: cases of its own, the verdicts of `verify`, points by part.

The cases follow from a secret of the course and the content of the submission, so they cannot be learned from another submission and a
grade replays exactly. A part is asked after the parts that it depends on: where those are wrong it is skipped, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from conformance.cases.case import Case, cases, plain
from conformance.cases.kinds import kind_of
from conformance.diagnosis.diagnosis import diagnose
from conformance.grading.assignment.assignment import Assignment, AssignmentTask, Part
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Check, Counterexample, RecordedMatch, RecordedRemark, Status
from conformance.grading.sandbox.judge.remote_subject import RemoteSubject
from conformance.judging import signature
from conformance.judging.expectation import expect
from conformance.judging.plain_model_allowances import able_first
from conformance.judging.plan import EXAMPLES
from conformance.judging.verdicts import Evidence, Verdict
from conformance.judging.verify import Prepared, allowance_of, judge
from conformance.respondent.frameworks import facts
from conformance.respondent.printable import one_line
from conformance.respondent.responses import Crashed, OverLimit, ProtocolError, Raised, Returned, TimedOut
from conformance.targets.subject import Subject
from reference.specification import Quantity, Spec, catalogue

_PREREQUISITES: Mapping[Part, Part] = {"gradient": "value", "edges": "value", "training": "gradient"}
_PREREQUISITES_OF_A_MODEL: Mapping[Part, Part] = {"value": "activations", "gradient": "value", "training": "gradient"}
_OF_RESPONSE: Mapping[type, Status] = {
    Raised: "crashed",
    Crashed: "crashed",
    TimedOut: "timed-out",
    OverLimit: "over-limit",
    ProtocolError: "protocol-error",
}
_PLAIN = (str, int, float, bool)
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


def checks(
    subject: RemoteSubject,
    questions: SubmissionQuestions,
    on_check: Callable[[str], None] = lambda name: None,
    anew: Callable[[], RemoteSubject] | None = None,
) -> Iterator[Check]:
    """Every check of the assignment on one submission that has been imported, or could not be.

    Where a function has ended the process, `anew` gives another one for the functions that follow.
    """
    import_response = subject.imported.response
    for name, task in questions.assignment.specs.items():
        if anew is not None and isinstance(import_response, Returned) and not subject.alive:
            subject = anew()
            import_response = subject.imported.response
        spec = task.asked_of(catalogue()[name])
        task = _able_task(task, spec, subject)
        parts = questions.seeded_assignment.parts(task)
        if not parts or (questions.names is not None and name not in questions.names):
            continue
        on_check(name)
        if not isinstance(import_response, Returned):
            outcome = _OF_RESPONSE.get(type(import_response), "failed")
            yield from _refused(questions, spec, parts, outcome, f"import: {import_response.sentence}")
        elif (problem := signature.problem_of(spec, subject)) is not None:
            yield from _refused(questions, spec, parts, "failed", problem)
        else:
            try:
                checks_of_spec = list(_judged(subject, questions, spec, task, parts))
            except Exception as error:  # ours, since whatever the submission raises comes as a Response
                checks_of_spec = [_lost(questions, spec, task, part, error) for part in _ordered(parts)]
            yield from checks_of_spec


def _able_task(task: AssignmentTask, spec: Spec, subject: RemoteSubject) -> AssignmentTask:
    """Without the gradient, where the framework has none of its own and the submission offers none."""
    lacks = kind_of(spec).called and not facts(subject.target.framework).automatic and not subject.has(f"{spec.name}_vjp")
    return task.without("gradient") if lacks and isinstance(subject.imported.response, Returned) else task


def checks_of_no_python(questions: SubmissionQuestions, problem: str) -> Iterator[Check]:
    """Every check of the assignment on what is no Python, so that nobody has to run it to know."""
    for name, asked in questions.assignment.specs.items():
        if parts := questions.seeded_assignment.parts(asked):
            yield from _refused(questions, catalogue()[name], parts, "crashed", problem)


def _judged(
    subject: RemoteSubject, questions: SubmissionQuestions, spec: Spec, task: AssignmentTask, parts: Sequence[Part]
) -> Iterator[Check]:
    """The parts of a specification in order, each by the verdicts that it rests on."""
    verdicts = {
        part: verdicts_of_part for part, verdicts_of_part in _verdicts(subject, questions, spec, parts).items() if verdicts_of_part
    }
    prerequisites = _PREREQUISITES_OF_A_MODEL if kind_of(spec).trained else _PREREQUISITES
    checks_of_parts: dict[Part, Check] = {}
    for part in _ordered(parts):
        prerequisite = checks_of_parts.get(prerequisites.get(part, part))
        if prerequisite is not None and prerequisite.outcome != "passed":
            share = prerequisite.points / prerequisite.max_points if prerequisite.points and prerequisite.max_points else 0.0
            checks_of_parts[part] = _skipped(questions, spec, task, part, prerequisite, share)
        else:
            checks_of_parts[part] = _check(questions, spec, task, part, verdicts[part], subject)
    yield from checks_of_parts.values()


def _verdicts(subject: Subject, questions: SubmissionQuestions, spec: Spec, parts: Sequence[Part]) -> dict[Part, list[Verdict]]:
    """By part. Whatever is asked, a failure is looked for in the order of the quantities."""
    assignment, dtype = questions.assignment, subject.target.dtype
    count = kind_of(spec).examples(assignment.cases, least=2)
    # More than are asked, in place of those that a plain model cannot be asked.
    source = cases(spec, dtype, questions.seed(spec, dtype), count * MOST_DRAWN)
    drawn_cases = list(able_first(allowance_of(subject, spec), source, count))
    if kind_of(spec).trained:
        model_verdicts = _asked(subject, spec, drawn_cases, assignment.limits.seconds_per_case)
        verdicts_by_part: dict[Part, list[Verdict]] = {part: [v for v in model_verdicts if v.quantity == part] for part in parts}
        return verdicts_by_part
    # Cases where formulas break count as the part "edges". Models have them among all their cases.
    delicate_cases = [case for case in drawn_cases if case.delicate]
    evidence: dict[Quantity, list[Evidence]] = {}
    usual_cases, seconds = [case for case in drawn_cases if not case.delicate], assignment.limits.seconds_per_case
    usual_verdicts = _asked(subject, spec, usual_cases, seconds, evidence, explained=False)
    # Drawn where a mistake is to be named and few cases are allowed; nothing is decided by them.
    more_cases = partial(_more_cases, spec, dtype, questions.seed(spec, dtype), drawn_cases)
    usual_verdicts = _explained(subject, spec, usual_verdicts, lambda: [*delicate_cases, *more_cases()], seconds, evidence)
    verdicts_by_part: dict[Part, list[Verdict]] = {
        part: [v for v in usual_verdicts if v.quantity == part] for part in parts if part != "edges"
    }
    if "edges" not in parts:
        return verdicts_by_part
    value_verdicts = [verdict for verdict in usual_verdicts if verdict.quantity == "value"]
    value_is_wrong = any(verdict.outcome != "passed" for verdict in value_verdicts)
    # A gradient that is not asked for, or wrong everywhere, costs nothing here.
    counted_quantities = {verdict.quantity for verdict in usual_verdicts if verdict.outcome == "passed"} & {"value", *parts}
    # What explains wrong answers to delicate inputs has to explain the right ones to the usual inputs too.
    edge_verdicts = value_verdicts
    if not value_is_wrong:
        edge_verdicts = _asked(subject, spec, delicate_cases, seconds, evidence, explained=False)
        edge_verdicts = _explained(subject, spec, edge_verdicts, more_cases, seconds, evidence)
    verdicts_by_part["edges"] = [verdict for verdict in edge_verdicts if value_is_wrong or verdict.quantity in counted_quantities]
    return verdicts_by_part


def _asked(
    subject: Subject,
    spec: Spec,
    chosen_cases: Sequence[Case],
    seconds: float,
    evidence: dict[Quantity, list[Evidence]] | None = None,
    explained: bool = True,
) -> list[Verdict]:
    prepared: list[Prepared] = [(case, expect(spec, case)) for case in chosen_cases]
    explanation = diagnose if explained else None
    return list(judge(subject, spec, prepared, seconds, diagnose=explanation, shrinking="first", seen=evidence, every_option=True))


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
    evidence: dict[Quantity, list[Evidence]],
) -> list[Verdict]:
    """The first failure with its diagnosis. A wrong value is explained by more cases than decide: one file has one name, as in `verify`."""
    failure = next((verdict for verdict in verdicts if verdict.counterexample is not None), None)
    if failure is None:
        return list(verdicts)
    if failure.quantity == "value" and failure.outcome == "failed":
        prepared: list[Prepared] = [(case, expect(spec, case)) for case in more_cases()]
        list(judge(subject, spec, prepared, seconds, shrinking="none", seen=evidence, every_option=True))
    others: dict[Quantity, Sequence[Evidence]] = {
        quantity: answers for quantity, answers in evidence.items() if quantity != failure.quantity
    }
    diagnosis = diagnose(spec, subject.target, failure.quantity, evidence[failure.quantity], others)
    return [replace(verdict, diagnosis=diagnosis) if verdict is failure else verdict for verdict in verdicts]


def _ordered(parts: Sequence[Part]) -> list[Part]:
    order: Sequence[Part] = ("activations", "value", "gradient", "edges", "training")
    return sorted(parts, key=order.index)


def _check(
    questions: SubmissionQuestions,
    spec: Spec,
    task: AssignmentTask,
    part: Part,
    verdicts: Sequence[Verdict],
    subject: RemoteSubject,
) -> Check:
    """A part is passed if every verdict is; the first that is not is what the student reads."""
    failure = next((verdict for verdict in verdicts if verdict.outcome != "passed"), None)
    max_points = task.points[part]
    if failure is None:
        remarks = {remark.form: remark.sentence for verdict in verdicts for remark in verdict.remarks}
        recorded = tuple(RecordedRemark(form=form, sentence=sentence) for form, sentence in remarks.items())
        return _made(questions, spec, part, "passed", max_points, max_points, "").model_copy(update={"remarks": recorded})
    share = _accepted(task, failure)
    outcome: Status = "failed"
    if not (isinstance(failure.response, ProtocolError) and subject.alive):
        outcome = _OF_RESPONSE.get(type(failure.response), "failed")
    if share == 1.0:
        outcome = "passed"
    diagnosis = failure.diagnosis
    matches = (
        tuple(RecordedMatch(ids=m.ids, sentences=m.sentences, hints=m.hints, variant=m.variant) for m in diagnosis.matches)
        if diagnosis
        else ()
    )
    return Check(
        name=f"{spec.name} {part}",
        spec=spec.name,
        part=part,
        outcome=outcome,
        points=round(max_points * share, 6),
        max_points=max_points,
        message=failure.reason or "",
        diagnosis=diagnosis.sentence if diagnosis else "",
        matches=matches,
        counterexample=_counterexample(failure),
        symptom=failure.response.symptom if failure.response is not None else None,
        visibility=questions.assignment.visibility(spec.name, part),
    )


def _accepted(task: AssignmentTask, verdict: Verdict) -> float:
    """The largest share of the points that an accepted variant leaves; 0 if it is none."""
    matches = verdict.diagnosis.matches if verdict.diagnosis else ()
    return max((task.variants[m.ids[0]] for m in matches if len(m.ids) == 1 and m.ids[0] in task.variants), default=0.0)


def _skipped(
    questions: SubmissionQuestions, spec: Spec, task: AssignmentTask, part: Part, prerequisite: Check, share: float
) -> Check:
    """A part that follows from one that is wrong. What an accepted variant leaves of that, it leaves of this."""
    max_points = task.points[part]
    why = (
        f"not checked, because {prerequisite.part} is not right"
        if not share
        else f"not checked: {prerequisite.part} is an accepted variant"
    )
    return _made(questions, spec, part, "skipped", round(max_points * share, 6), max_points, why)


def _refused(questions: SubmissionQuestions, spec: Spec, parts: Sequence[Part], outcome: Status, message: str) -> Iterator[Check]:
    """No part can be asked: the first says why, the others are skipped."""
    best = questions.assignment.specs[spec.name].points
    for position, part in enumerate(_ordered(parts)):
        why = message if position == 0 else "not checked: " + message
        yield _made(questions, spec, part, outcome if position == 0 else "skipped", 0.0, best[part], why)


def _lost(questions: SubmissionQuestions, spec: Spec, task: AssignmentTask, part: Part, error: Exception) -> Check:
    """A part on which the grader failed: it has no points, and the whole has no score until it is graded again."""
    why = one_line(f"the grader failed: {type(error).__name__}: {error}")
    return _made(questions, spec, part, "grader-error", None, task.points[part], why)


def _made(
    questions: SubmissionQuestions, spec: Spec, part: Part, outcome: Status, points: float | None, max_points: float, message: str
) -> Check:
    return Check(
        name=f"{spec.name} {part}",
        spec=spec.name,
        part=part,
        outcome=outcome,
        points=points,
        max_points=max_points,
        message=message,
        visibility=questions.assignment.visibility(spec.name, part),
    )


def _counterexample(verdict: Verdict) -> Counterexample | None:
    case, worst = verdict.counterexample, verdict.worst
    if case is None:
        return None
    inputs = plain(dict(case.inputs))
    if worst is None:
        return Counterexample(id=case.id, inputs=inputs)
    actual, expected = (x if isinstance(x, _PLAIN) else str(x) for x in (worst.actual, worst.expected))
    return Counterexample(id=case.id, inputs=inputs, name=worst.name, index=worst.index, actual=actual, expected=expected)
