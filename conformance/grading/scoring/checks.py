"""One submission's checks: the verdicts of `verify` on cases of its own, and points by part.

A part is asked after the parts that it depends on: where those are wrong it is skipped, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from conformance.cases.kinds import kind_of
from conformance.grading.assignment.assignment import AssignmentTask, Part
from conformance.grading.grade_file import Check
from conformance.grading.sandbox.judge.remote_subject import RemoteSubject
from conformance.grading.scoring import points
from conformance.grading.scoring.questions import SubmissionQuestions, verdicts_by_part
from conformance.judging import signature
from conformance.respondent.frameworks import facts
from conformance.respondent.responses import Returned
from reference.specification import Spec, catalogue

_PREREQUISITES: Mapping[Part, Part] = {"gradient": "value", "edges": "value", "training": "gradient"}
_PREREQUISITES_OF_A_MODEL: Mapping[Part, Part] = {"value": "activations", "gradient": "value", "training": "gradient"}


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
            outcome = points.OUTCOME_OF_RESPONSE.get(type(import_response), "failed")
            yield from points.refused(questions, spec, parts, outcome, f"import: {import_response.sentence}")
        elif (problem := signature.problem_of(spec, subject)) is not None:
            yield from points.refused(questions, spec, parts, "failed", problem)
        else:
            try:
                checks_of_spec = list(_judged(subject, questions, spec, task, parts))
            except Exception as error:  # ours, since whatever the submission raises comes as a Response
                checks_of_spec = [points.lost(questions, spec, task, part, error) for part in points.ordered(parts)]
            yield from checks_of_spec


def _able_task(task: AssignmentTask, spec: Spec, subject: RemoteSubject) -> AssignmentTask:
    """Without the gradient, where the framework has none of its own and the submission offers none."""
    lacks = kind_of(spec).called and not facts(subject.target.framework).automatic and not subject.has(f"{spec.name}_vjp")
    return task.without("gradient") if lacks and isinstance(subject.imported.response, Returned) else task


def checks_of_no_python(questions: SubmissionQuestions, problem: str) -> Iterator[Check]:
    """Every check of the assignment on what is no Python, so that nobody has to run it to know."""
    for name, asked in questions.assignment.specs.items():
        if parts := questions.seeded_assignment.parts(asked):
            yield from points.refused(questions, catalogue()[name], parts, "crashed", problem)


def _judged(
    subject: RemoteSubject, questions: SubmissionQuestions, spec: Spec, task: AssignmentTask, parts: Sequence[Part]
) -> Iterator[Check]:
    """The parts of a specification in order, each by the verdicts that it rests on."""
    verdicts = verdicts_by_part(subject, questions, spec, task, parts)
    prerequisites = _PREREQUISITES_OF_A_MODEL if kind_of(spec).trained else _PREREQUISITES
    checks_of_parts: dict[Part, Check] = {}
    for part in points.ordered(parts):
        prerequisite = checks_of_parts.get(prerequisites.get(part, part))
        if prerequisite is not None and prerequisite.outcome != "passed":
            share = prerequisite.points / prerequisite.max_points if prerequisite.points and prerequisite.max_points else 0.0
            checks_of_parts[part] = points.skipped(questions, spec, task, part, prerequisite, share)
        else:
            checks_of_parts[part] = points.check_of(questions, spec, task, part, verdicts[part], subject)
    yield from checks_of_parts.values()
