"""Who grades: threads of this process with its own workers, or the machines of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from conformance.grading.batch import Marker
from conformance.grading.course import Course
from conformance.grading.grade_report import Grade
from conformance.grading.isolation import Isolation
from conformance.grading.marking import framework_of, mark, workers_for
from conformance.grading.submissions import Refused, Submission


@contextmanager
def local(course: Course, isolation: Isolation, jobs: int) -> Iterator[Marker]:
    """So many submissions at a time on this machine."""
    with workers_for(course.assignment, isolation, jobs) as workers:
        pool = ThreadPoolExecutor(jobs, "marker")
        try:

            def marker(taken: Submission | Refused) -> Future[Grade]:
                framework = None if isinstance(taken, Refused) else framework_of(course.assignment, taken)
                if framework in course.assignment.frameworks:
                    workers.start(framework)  # imports while others are graded
                return pool.submit(mark, workers, course, taken)

            yield marker
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
