"""From a submission to its grade, whatever happens on the way. A mistake of the grader is never a student's zero."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from conformance.errors import UnusableFiles
from conformance.grading.assignment.assignment import Assignment
from conformance.grading.assignment.secret_seed import Course
from conformance.grading.grade_file import STATUSES, Check, Grade, grade, without_answers
from conformance.grading.intake.submissions import Refused, Submission
from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.inside.limits import MEBIBYTE, Limits
from conformance.grading.sandbox.judge.fork_server import BrokenWorker
from conformance.grading.sandbox.judge.pool import Workers
from conformance.grading.sandbox.judge.subject import RemoteSubject
from conformance.grading.scoring.checks import Asking, checks
from conformance.respondent.printable import one_line
from conformance.targets import environment
from reference.specification import catalogue


def nothing(name: str) -> None:
    """Whoever does not want to know which check is asked."""


def workers_for(assignment: Assignment, isolation: Isolation, jobs: int, models: bool | None = None) -> Workers:
    """Workers with the limits of the assignment, and ready for models if it asks for some."""
    given = assignment.limits
    limits = Limits(
        memory_bytes=given.memory_mib * MEBIBYTE,
        seconds_per_case=given.seconds_per_case,
        seconds_total=given.seconds_in_total,
    )
    if models is None:
        models = any(catalogue()[name].kind == "model" for name in assignment.specs)
    return Workers(isolation, limits, jobs, models)


def framework_of(assignment: Assignment, taken: Submission) -> str:
    """What it imports; without such an import what the assignment asks for, or plain Python and with it NumPy."""
    return taken.framework or (assignment.frameworks[0] if len(assignment.frameworks) == 1 else "numpy")


def mark(workers: Workers, course: Course, taken: Submission | Refused, on_check: Callable[[str], None] = nothing) -> Grade:
    """The grade of one submission."""
    started = time.perf_counter()
    made = _Record(course, workers.isolation, started)
    if isinstance(taken, Refused):
        return made.unasked(taken.name, "", taken.reason, grader=taken.grader_error)
    allowed = course.assignment.frameworks
    framework = framework_of(course.assignment, taken)
    if framework not in allowed:
        reason = f"expected a submission in {' or '.join(allowed)}, got one in {framework}"
        if taken.framework is None:
            reason = f"expected an import of {' or '.join(allowed)}, found none"
        return made.unasked(taken.name, taken.hash, reason, framework, taken.notes)
    try:
        found = [_checked(workers, course, taken, framework, dtype, on_check) for dtype in course.assignment.dtypes]
        made.versions |= workers.versions(framework)
        return made.asked(taken, framework, _worst_of_each(found, course.assignment.dtypes))
    except UnusableFiles as error:
        return made.unasked(taken.name, taken.hash, str(error), framework, taken.notes)
    except Exception as error:  # ours, since whatever the submission raises comes as a Response
        return made.unasked(taken.name, taken.hash, _said(error), framework, taken.notes, grader=True)


def _checked(
    workers: Workers, course: Course, taken: Submission, framework: str, dtype: str, on_check: Callable[[str], None]
) -> tuple[Check, ...]:
    """The checks in one dtype; in one process, or in several one after the other where functions end it."""
    with ExitStack() as current:
        subject: RemoteSubject | None = None

        def anew() -> RemoteSubject:
            nonlocal subject
            current.close()
            taken_so_far = subject.spent if subject is not None else 0.0
            subject = current.enter_context(workers.open(framework, taken.files, taken.entry, dtype, spent=taken_so_far))
            return subject

        return tuple(checks(anew(), Asking(course, taken.hash), on_check, anew))


def failed_to_mark(course: Course, isolation: Isolation, taken: Submission | Refused, error: BaseException) -> Grade:
    """The grade of a submission that was lost on its way to or from `mark`, with a machine for example."""
    made = _Record(course, isolation, time.perf_counter())
    known = ("", ()) if isinstance(taken, Refused) else (taken.hash, taken.notes)
    return made.unasked(taken.name, known[0], _said(error), None, known[1], grader=True)


def _said(error: BaseException) -> str:
    if isinstance(error, BrokenWorker):
        return one_line(str(error))
    return one_line(f"the grader failed: {type(error).__name__}: {error}")


class _Record:
    """What every grade of this run says of the run."""

    def __init__(self, course: Course, isolation: Isolation, started: float) -> None:
        self.course, self.isolation, self.started = course, isolation, started
        self.versions = dict(_versions())

    def _rest(self) -> dict[str, Any]:
        return {
            "isolation": self.isolation.level,
            "seed_id": self.course.seed_id,
            "assignment_hash": self.course.assignment_hash,
            "versions": self.versions,
            "seconds": time.perf_counter() - self.started,
        }

    def asked(self, taken: Submission, framework: str, found: Sequence[Check]) -> Grade:
        notes = (*taken.notes, *([self.isolation.sentence] if self.isolation.level == "process" else ()))
        title = self.course.assignment.title
        return grade(taken.name, taken.hash, found, framework=framework, assignment=title, notes=notes, **self._rest())

    def unasked(
        self, name: str, hash: str, reason: str, framework: str | None = None, notes: Sequence[str] = (), grader: bool = False
    ) -> Grade:
        status = "grader-error" if grader else "ungradable"
        return without_answers(
            name, hash, self.course.assignment, status, reason, framework=framework, earlier=notes, **self._rest()
        )


def _worst_of_each(found: Sequence[tuple[Check, ...]], dtypes: Sequence[str]) -> tuple[Check, ...]:
    """One check for each, the one with the fewest points of all dtypes; its message says which dtype that was."""
    if len(found) == 1:
        return found[0]
    return tuple(_worst(same, dtypes) for same in zip(*found, strict=True))


def _worst(same: Sequence[Check], dtypes: Sequence[str]) -> Check:
    points = [(check.points or 0.0, -STATUSES.index(check.outcome)) for check in same]
    position = points.index(min(points))
    worst = same[position]
    if worst.outcome == "passed" or not worst.message:
        return worst
    return worst.model_copy(update={"message": f"{dtypes[position]}: {worst.message}"})


@cache
def _versions() -> dict[str, str]:
    return {"conformance": environment.own_version(), **environment.versions()}
