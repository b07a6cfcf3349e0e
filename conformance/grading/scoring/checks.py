"""One submission's checks: cases of its own, the verdicts of `verify`, points by part.

The cases follow from a secret of the course and the content of the submission, so they cannot be learned from another submission and a
grade replays exactly. A part is asked after the parts that it depends on: where those are wrong it is skipped, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.cases.case import Case, cases, plain
from conformance.cases.kinds import kind_of
from conformance.diagnosis.diagnosis import diagnose
from conformance.grading.assignment.assignment import Asked, Assignment, Part
from conformance.grading.assignment.secret_seed import Course
from conformance.grading.grade_file import Check, Counterexample, Match, Status
from conformance.grading.sandbox.judge.subject import Offered, RemoteSubject
from conformance.judging.expectation import expect
from conformance.judging.plain_model_allowances import able_first
from conformance.judging.verdicts import Evidence, Verdict
from conformance.judging.verify import Prepared, allowance_of, judge
from conformance.respondent.interview import builder_of
from conformance.respondent.plain_models import KINDS
from conformance.respondent.printable import one_line
from conformance.respondent.responses import Returned
from conformance.targets.subject import Subject
from reference.specification import Quantity, Spec, catalogue

_NEEDS: Mapping[Part, Part] = {"gradient": "value", "edges": "value", "training": "gradient"}
_NEEDS_OF_A_MODEL: Mapping[Part, Part] = {"value": "activations", "gradient": "value", "training": "gradient"}
_OF_RESPONSE: Mapping[str | None, Status] = {
    "Raised": "crashed",
    "Crashed": "crashed",
    "TimedOut": "timed-out",
    "OverLimit": "over-limit",
    "ProtocolError": "protocol-error",
}
_PLAIN = (str, int, float, bool)
MOST_DRAWN = 4


@dataclass(frozen=True)
class Asking:
    """What is asked of one submission."""

    course: Course
    submission_hash: str

    @property
    def assignment(self) -> Assignment:
        return self.course.assignment

    def seed(self, spec: Spec, dtype: str) -> int:
        return self.course.seed(self.submission_hash, spec.name, dtype)


def checks(
    subject: RemoteSubject,
    asking: Asking,
    on_check: Callable[[str], None] = lambda name: None,
    anew: Callable[[], RemoteSubject] | None = None,
) -> Iterator[Check]:
    """Every check of the assignment on one submission that has been imported, or could not be.

    Where a function has ended the process, `anew` gives another one for the functions that follow.
    """
    broken = subject.imported.response
    for name, asked in asking.assignment.specs.items():
        if anew is not None and isinstance(broken, Returned) and not subject.alive:
            subject = anew()
            broken = subject.imported.response
        spec, parts = catalogue()[name], asking.course.parts(asked)
        if not parts:
            continue
        on_check(name)
        if not isinstance(broken, Returned):
            outcome = _OF_RESPONSE.get(type(broken).__name__, "failed")
            yield from _refused(asking, spec, parts, outcome, f"import: {broken.sentence}")
        elif (problem := _missing(spec, subject.imported.names)) is not None:
            yield from _refused(asking, spec, parts, "failed", problem)
        else:
            try:
                found = list(_judged(subject, asking, spec, asked, parts))
            except Exception as error:  # ours, since whatever the submission raises comes as a Response
                found = [_lost(asking, spec, asked, part, error) for part in _ordered(parts)]
            yield from found


def _missing(spec: Spec, names: Mapping[str, Offered]) -> str | None:
    """What is wrong with the name or the parameters of what is offered; None if it can be called."""
    builder = builder_of(spec.name)
    offered = names.get(spec.name) or names.get(builder)
    if offered is None:
        return f"names: expected {spec.name}" + (f" or {builder}" if spec.name in KINDS else "") + ", found none"
    if offered.kind == "value":
        return f"names: expected {spec.name} to be a function or class, got a value"
    if offered.parameters is None or spec.kind == "model":
        return None
    wanted = ["lower", "oov_token", "num_chars"] if spec.kind == "tokenizer" else list(spec.inputs)
    has = {parameter.name for parameter in offered.parameters}
    takes_all = any(parameter.kind == "VAR_KEYWORD" for parameter in offered.parameters)
    lacking = [] if takes_all else [name for name in wanted if name not in has]
    extra = [p.name for p in offered.parameters if p.name not in wanted and not p.has_default and not p.kind.startswith("VAR")]
    if lacking or extra:
        came = ", ".join(parameter.name for parameter in offered.parameters) or "none"
        return f"signature: expected {spec.name} to take {', '.join(wanted)}; got {came}"
    return None


def _judged(subject: RemoteSubject, asking: Asking, spec: Spec, asked: Asked, parts: Sequence[Part]) -> Iterator[Check]:
    """The parts of a specification in order, each by the verdicts that it rests on."""
    verdicts = {part: found for part, found in _verdicts(subject, asking, spec, parts).items() if found}
    needs = _NEEDS_OF_A_MODEL if spec.kind == "model" else _NEEDS
    done: dict[Part, Check] = {}
    for part in _ordered(parts):
        needed = done.get(needs.get(part, part))
        if needed is not None and needed.outcome != "passed":
            share = needed.points / needed.max_points if needed.points and needed.max_points else 0.0
            done[part] = _skipped(asking, spec, asked, part, needed, share)
        else:
            done[part] = _check(asking, spec, asked, part, verdicts[part], subject)
    yield from done.values()


def _verdicts(subject: Subject, asking: Asking, spec: Spec, parts: Sequence[Part]) -> dict[Part, list[Verdict]]:
    """By part. Whatever is asked, a failure is looked for in the order of the quantities."""
    assignment, dtype = asking.assignment, subject.target.dtype
    count = kind_of(spec).examples(assignment.cases, least=2)
    # More than are asked, in place of those that a plain model cannot be asked.
    source = cases(spec, dtype, asking.seed(spec, dtype), count * MOST_DRAWN)
    drawn = list(able_first(allowance_of(subject, spec), source, count))
    if spec.kind == "model":
        found = _asked(subject, spec, drawn, assignment.limits.seconds_per_case)
        of_model: dict[Part, list[Verdict]] = {part: [v for v in found if v.quantity == part] for part in parts}
        return of_model
    # Cases where formulas break count as the part "edges". Models have them among all their cases.
    delicate = [case for case in drawn if case.delicate]
    seen: dict[Quantity, list[Evidence]] = {}
    usual = _asked(subject, spec, [c for c in drawn if not c.delicate], assignment.limits.seconds_per_case, seen)
    by_part: dict[Part, list[Verdict]] = {part: [v for v in usual if v.quantity == part] for part in parts if part != "edges"}
    if "edges" not in parts:
        return by_part
    of_value = [verdict for verdict in usual if verdict.quantity == "value"]
    wrong = any(verdict.outcome != "passed" for verdict in of_value)
    # A gradient that is not asked for, or wrong everywhere, costs nothing here.
    counted = {verdict.quantity for verdict in usual if verdict.outcome == "passed"} & {"value", *parts}
    # What explains wrong answers to delicate inputs has to explain the right ones to the usual inputs too.
    found = of_value if wrong else _asked(subject, spec, delicate, assignment.limits.seconds_per_case, seen)
    by_part["edges"] = [verdict for verdict in found if wrong or verdict.quantity in counted]
    return by_part


def _asked(
    subject: Subject, spec: Spec, chosen: Sequence[Case], seconds: float, seen: dict[Quantity, list[Evidence]] | None = None
) -> list[Verdict]:
    prepared: list[Prepared] = [(case, expect(spec, case)) for case in chosen]
    return list(judge(subject, spec, prepared, seconds, diagnose=diagnose, shrinking="first", seen=seen))


def _ordered(parts: Sequence[Part]) -> list[Part]:
    order: Sequence[Part] = ("activations", "value", "gradient", "edges", "training")
    return sorted(parts, key=order.index)


def _check(asking: Asking, spec: Spec, asked: Asked, part: Part, verdicts: Sequence[Verdict], subject: RemoteSubject) -> Check:
    """A part is passed if every verdict is; the first that is not is what the student reads."""
    wrong = next((verdict for verdict in verdicts if verdict.outcome != "passed"), None)
    best = asked.points[part]
    if wrong is None:
        return _made(asking, spec, part, "passed", best, best, "")
    share = _accepted(asked, wrong)
    outcome: Status = "failed"
    if not (wrong.response == "ProtocolError" and subject.alive):
        outcome = _OF_RESPONSE.get(wrong.response, "failed")
    if share == 1.0:
        outcome = "passed"
    diagnosis = wrong.diagnosis
    matches = (
        tuple(Match(ids=m.ids, sentences=m.sentences, hints=m.hints, variant=m.variant) for m in diagnosis.matches)
        if diagnosis
        else ()
    )
    return Check(
        name=f"{spec.name} {part}",
        spec=spec.name,
        part=part,
        outcome=outcome,
        points=round(best * share, 6),
        max_points=best,
        message=wrong.reason or "",
        diagnosis=diagnosis.sentence if diagnosis else "",
        matches=matches,
        counterexample=_counterexample(wrong),
        visibility=asking.assignment.visibility(spec.name, part),
    )


def _accepted(asked: Asked, verdict: Verdict) -> float:
    """The largest share of the points that an accepted variant leaves; 0 if it is none."""
    matches = verdict.diagnosis.matches if verdict.diagnosis else ()
    return max((asked.variants[m.ids[0]] for m in matches if len(m.ids) == 1 and m.ids[0] in asked.variants), default=0.0)


def _skipped(asking: Asking, spec: Spec, asked: Asked, part: Part, needed: Check, share: float) -> Check:
    """A part that follows from one that is wrong. What an accepted variant leaves of that, it leaves of this."""
    best = asked.points[part]
    why = f"not checked, because {needed.part} is not right" if not share else f"not checked: {needed.part} is an accepted variant"
    return _made(asking, spec, part, "skipped", round(best * share, 6), best, why)


def _refused(asking: Asking, spec: Spec, parts: Sequence[Part], outcome: Status, message: str) -> Iterator[Check]:
    """No part can be asked: the first says why, the others are skipped."""
    best = asking.assignment.specs[spec.name].points
    for position, part in enumerate(_ordered(parts)):
        why = message if position == 0 else "not checked: " + message
        yield _made(asking, spec, part, outcome if position == 0 else "skipped", 0.0, best[part], why)


def _lost(asking: Asking, spec: Spec, asked: Asked, part: Part, error: Exception) -> Check:
    """A part on which the grader failed: it has no points, and the whole has no score until it is graded again."""
    why = one_line(f"the grader failed: {type(error).__name__}: {error}")
    return _made(asking, spec, part, "grader-error", None, asked.points[part], why)


def _made(asking: Asking, spec: Spec, part: Part, outcome: Status, points: float | None, best: float, message: str) -> Check:
    return Check(
        name=f"{spec.name} {part}",
        spec=spec.name,
        part=part,
        outcome=outcome,
        points=points,
        max_points=best,
        message=message,
        visibility=asking.assignment.visibility(spec.name, part),
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
