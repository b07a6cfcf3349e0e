"""From a submission to its grade, whatever happens on the way. A mistake of the grader is never a student's zero."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from conformance.cases.kinds import kind_of
from conformance.errors import UnusableFiles
from conformance.grading.assignment.assignment import Assignment
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import STATUSES, Check, Grade, grade, without_answers
from conformance.grading.intake.submissions import Refused, Submission
from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.inside.resource_limits import MEBIBYTE, ResourceLimits
from conformance.grading.sandbox.judge.fork_server_client import BrokenWorker
from conformance.grading.sandbox.judge.remote_subject import RemoteSubject
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.grading.scoring.checks import SubmissionQuestions, checks, checks_of_no_python
from conformance.respondent.frameworks import facts
from conformance.respondent.printable import one_line
from conformance.targets import environment
from reference.specification import catalogue


def nothing(name: str) -> None:
    """Whoever does not want to know which check is asked."""


def workers_for(assignment: Assignment, isolation: Isolation, jobs: int, models: bool | None = None) -> Workers:
    """Workers with the limits of the assignment, and ready for models if it asks for some."""
    bounds = assignment.limits
    limits = ResourceLimits(
        memory_bytes=bounds.memory_mib * MEBIBYTE,
        seconds_per_case=bounds.seconds_per_case,
        seconds_total=bounds.seconds_in_total,
    )
    if models is None:
        models = any(kind_of(catalogue()[name]).trained for name in assignment.specs)
    return Workers(isolation, limits, jobs, models)


def framework_of(assignment: Assignment, submission: Submission) -> str:
    """What it imports; without such an import what the assignment asks for, or plain Python and with it NumPy."""
    return submission.framework or (assignment.frameworks[0] if len(assignment.frameworks) == 1 else "numpy")


def grade_submission(
    workers: Workers,
    seeded_assignment: SeededAssignment,
    submission: Submission | Refused,
    on_check: Callable[[str], None] = nothing,
) -> Grade:
    """The grade of one submission."""
    started = time.perf_counter()
    record = _RunRecord(seeded_assignment, workers.isolation, started)
    if isinstance(submission, Refused):
        return record.unasked(submission.name, "", submission.reason, grader=submission.grader_error)
    allowed = seeded_assignment.assignment.frameworks
    framework = framework_of(seeded_assignment.assignment, submission)
    if submission.problem is not None:  # before the framework: of what is no Python nobody knows it
        questions = SubmissionQuestions(seeded_assignment, submission.hash)
        return record.asked(submission, framework, tuple(checks_of_no_python(questions, submission.problem)))
    if framework not in allowed:
        reason = f"expected a submission in {' or '.join(allowed)}, got one in {framework}"
        if submission.framework is None:
            reason = f"expected an import of {' or '.join(allowed)}, found none"
        return record.unasked(submission.name, submission.hash, reason, framework, submission.notes)
    shares = _shares(seeded_assignment.assignment, submission, framework)
    try:
        checks_by_dtype = [
            _in_order(
                seeded_assignment.assignment,
                [
                    check
                    for each, names in shares.items()
                    for check in _checked(workers, seeded_assignment, submission, each, dtype, on_check, names)
                ],
            )
            for dtype in seeded_assignment.assignment.dtypes
        ]
        for each in shares:
            record.versions |= workers.versions(each)
        return record.asked(submission, framework, _worst_of_each(checks_by_dtype, seeded_assignment.assignment.dtypes))
    except UnusableFiles as error:
        return record.unasked(submission.name, submission.hash, str(error), framework, submission.notes)
    except Exception as error:  # ours, since whatever the submission raises comes as a Response
        return record.unasked(submission.name, submission.hash, _sentence_of(error), framework, submission.notes, grader=True)


def _shares(assignment: Assignment, submission: Submission, framework: str) -> dict[str, frozenset[str]]:
    """Which specifications are asked in which framework: the submission's, but for functions that are written in another one."""
    of = {name: submission.others[name].framework if name in submission.others else framework for name in assignment.specs}
    of = {name: each if each in assignment.frameworks else framework for name, each in of.items()}
    return {each: frozenset(name for name in of if of[name] == each) for each in dict.fromkeys(of.values())}


def _in_order(assignment: Assignment, graded_checks: Sequence[Check]) -> tuple[Check, ...]:
    """As the assignment asks for them."""
    order = list(assignment.specs)
    return tuple(sorted(graded_checks, key=lambda check: order.index(check.spec)))


def _checked(
    workers: Workers,
    seeded_assignment: SeededAssignment,
    submission: Submission,
    framework: str,
    dtype: str,
    on_check: Callable[[str], None],
    names: frozenset[str],
) -> tuple[Check, ...]:
    """The checks in one dtype; in one process, or in several one after the other where functions end it."""
    with ExitStack() as current:
        subject: RemoteSubject | None = None

        def anew() -> RemoteSubject:
            nonlocal subject
            current.close()
            seconds_so_far = subject.spent if subject is not None else 0.0
            subject = current.enter_context(
                workers.open(framework, submission.files, submission.entry, dtype, spent=seconds_so_far)
            )
            return subject

        return tuple(checks(anew(), SubmissionQuestions(seeded_assignment, submission.hash, names), on_check, anew))


def lost_grade(
    seeded_assignment: SeededAssignment, isolation: Isolation, submission: Submission | Refused, error: BaseException
) -> Grade:
    """The grade of a submission that was lost on its way to or from `grade_submission`, with a machine for example."""
    record = _RunRecord(seeded_assignment, isolation, time.perf_counter())
    hash_and_notes = ("", ()) if isinstance(submission, Refused) else (submission.hash, submission.notes)
    return record.unasked(submission.name, hash_and_notes[0], _sentence_of(error), None, hash_and_notes[1], grader=True)


def _sentence_of(error: BaseException) -> str:
    if isinstance(error, BrokenWorker):
        return one_line(str(error))
    return one_line(f"the grader failed: {type(error).__name__}: {error}")


class _RunRecord:
    """What every grade of this run says of the run."""

    def __init__(self, seeded_assignment: SeededAssignment, isolation: Isolation, started: float) -> None:
        self.seeded_assignment, self.isolation, self.started = seeded_assignment, isolation, started
        self.versions = dict(_versions())

    def _rest(self) -> dict[str, Any]:
        return {
            "isolation": self.isolation.level,
            "seed_id": self.seeded_assignment.seed_id,
            "assignment_hash": self.seeded_assignment.assignment_hash,
            "versions": self.versions,
            "seconds": time.perf_counter() - self.started,
        }

    def asked(self, submission: Submission, framework: str, graded_checks: Sequence[Check]) -> Grade:
        doubtful = [f"judged as {facts(framework).title}, because {submission.because}"] if submission.doubtful else []
        doubtful += [
            f"{name} judged as {facts(written.framework).title}, because {written.because}"
            for name, written in submission.others.items()
            if name in self.seeded_assignment.assignment.specs
        ]
        notes = (*submission.notes, *doubtful, *([self.isolation.sentence] if self.isolation.level == "process" else ()))
        title = self.seeded_assignment.assignment.title
        return grade(
            submission.name,
            submission.hash,
            graded_checks,
            framework=framework,
            told=submission.told,
            assignment=title,
            notes=notes,
            **self._rest(),
        )

    def unasked(
        self, name: str, hash: str, reason: str, framework: str | None = None, notes: Sequence[str] = (), grader: bool = False
    ) -> Grade:
        status = "grader-error" if grader else "ungradable"
        return without_answers(
            name, hash, self.seeded_assignment.assignment, status, reason, framework=framework, earlier=notes, **self._rest()
        )


def _worst_of_each(checks_by_dtype: Sequence[tuple[Check, ...]], dtypes: Sequence[str]) -> tuple[Check, ...]:
    """One check for each, the one with the fewest points of all dtypes; its message says which dtype that was."""
    if len(checks_by_dtype) == 1:
        return checks_by_dtype[0]
    return tuple(_worst(check_by_dtype, dtypes) for check_by_dtype in zip(*checks_by_dtype, strict=True))


def _worst(checks: Sequence[Check], dtypes: Sequence[str]) -> Check:
    points = [(check.points or 0.0, -STATUSES.index(check.outcome)) for check in checks]
    position = points.index(min(points))
    worst = checks[position]
    if worst.outcome == "passed" or not worst.message:
        return worst
    return worst.model_copy(update={"message": f"{dtypes[position]}: {worst.message}"})


@cache
def _versions() -> dict[str, str]:
    return {"conformance": environment.own_version(), **environment.versions()}
