"""Points: what a part of a specification is worth, by the verdicts that it rests on, or by why it was not asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformance.cases.case import plain
from conformance.grading.assignment.assignment import AssignmentTask, Part
from conformance.grading.grade_file import Check, Counterexample, RecordedMatch, RecordedRemark, Status
from conformance.grading.sandbox.judge.remote_subject import RemoteSubject
from conformance.grading.scoring.questions import SubmissionQuestions
from conformance.judging.accepted_variants import accepted_matches, meanings
from conformance.judging.verdicts import Verdict
from conformance.respondent.printable import one_line
from conformance.respondent.responses import Crashed, OverLimit, ProtocolError, Raised, TimedOut
from reference.specification import Spec

OUTCOME_OF_RESPONSE: Mapping[type, Status] = {
    Raised: "crashed",
    Crashed: "crashed",
    TimedOut: "timed-out",
    OverLimit: "over-limit",
    ProtocolError: "protocol-error",
}
_PLAIN = (str, int, float, bool)


def ordered(parts: Sequence[Part]) -> list[Part]:
    order: Sequence[Part] = ("activations", "value", "gradient", "edges", "training")
    return sorted(parts, key=order.index)


def check_of(
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
        matches = next((_matches(verdict) for verdict in verdicts if verdict.diagnosis is not None), ())
        made = _made(questions, spec, part, "passed", max_points, max_points, "")
        return made.model_copy(update={"remarks": recorded, "matches": matches})
    share = _accepted(task, spec, failure)
    outcome: Status = "failed"
    if not (isinstance(failure.response, ProtocolError) and subject.alive):
        outcome = OUTCOME_OF_RESPONSE.get(type(failure.response), "failed")
    return Check(
        name=f"{spec.name} {part}",
        spec=spec.name,
        part=part,
        outcome=outcome,
        points=round(max_points * share, 6),
        max_points=max_points,
        message=failure.reason or "",
        diagnosis=failure.diagnosis.sentence if failure.diagnosis else "",
        matches=_matches(failure),
        counterexample=_counterexample(failure),
        symptom=failure.response.symptom if failure.response is not None else None,
        visibility=questions.assignment.visibility(spec.name, part),
    )


def _matches(verdict: Verdict) -> tuple[RecordedMatch, ...]:
    """Everything that explains it."""
    matches = verdict.diagnosis.matches if verdict.diagnosis is not None else ()
    return tuple(RecordedMatch(ids=m.ids, sentences=m.sentences, hints=m.hints, variant=m.variant) for m in matches)


def _accepted(task: AssignmentTask, spec: Spec, verdict: Verdict) -> float:
    """The largest share of the points that an accepted variant leaves; 0 if it is none."""
    forms = {form.name for form in spec.accepted}
    matches = accepted_matches(spec, verdict.diagnosis, task.variants)
    return max((min(task.variants[id] for id in meanings(match, forms)) for match in matches), default=0.0)


def skipped(
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


def refused(questions: SubmissionQuestions, spec: Spec, parts: Sequence[Part], outcome: Status, message: str) -> Iterator[Check]:
    """No part can be asked: the first says why, the others are skipped."""
    best = questions.assignment.specs[spec.name].points
    for position, part in enumerate(ordered(parts)):
        why = message if position == 0 else "not checked: " + message
        yield _made(questions, spec, part, outcome if position == 0 else "skipped", 0.0, best[part], why)


def lost(questions: SubmissionQuestions, spec: Spec, task: AssignmentTask, part: Part, error: Exception) -> Check:
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
