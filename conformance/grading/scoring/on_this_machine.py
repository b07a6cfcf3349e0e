"""Who grades: threads of this process with its own workers, or the machines of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager

from conformance.grading.assignment.secret_seed import Course
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Source, Submission, take
from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.judge.pool import Workers
from conformance.grading.sandbox.judge.probe import walled
from conformance.grading.scoring.one_submission import framework_of, mark, workers_for
from conformance.grading.scoring.whole_class import Marker
from conformance.respondent.frameworks import missing_framework, names


@contextmanager
def local(course: Course, level: str | None, jobs: int, first: Sequence[str] = ()) -> Iterator[tuple[Marker, Isolation]]:
    """So many submissions at a time on this machine, behind the best walls or those of a level. `first` are frameworks to start with.

    Raises:
        NoIsolation: there are no such walls here.
    """

    def make(isolation: Isolation) -> Workers:
        workers = workers_for(course.assignment, isolation, jobs)
        for framework in first:
            workers.start(framework)  # all of them import at the same time
        return workers

    with walled(make, *first[:1], level=level) as workers:
        pool, lobby = ThreadPoolExecutor(jobs, "marker"), ThreadPoolExecutor(len(names()), "lobby")
        ready: dict[str, Future[str]] = {}
        try:

            def marker(taken: Submission | Refused) -> Future[Grade]:
                framework = None if isinstance(taken, Refused) else framework_of(course.assignment, taken)
                if framework not in course.assignment.frameworks:
                    return pool.submit(mark, workers, course, taken)
                if framework not in ready:
                    ready[framework] = lobby.submit(workers.start(framework).ready)
                return _after(ready[framework], pool, lambda: mark(workers, course, taken))

            yield marker, workers.isolation
        finally:
            lobby.shutdown(wait=False, cancel_futures=True)
            pool.shutdown(wait=False, cancel_futures=True)


def _after(first: Future[str], pool: Executor, action: Callable[[], Grade]) -> Future[Grade]:
    """What the action returns, which waits in nobody's way until the first has ended, however that was."""
    result: Future[Grade] = Future()

    def run() -> None:
        if result.set_running_or_notify_cancel():
            try:
                result.set_result(action())
            except BaseException as error:
                result.set_exception(error)

    def start(first: Future[str]) -> None:
        try:
            pool.submit(run)
        except RuntimeError:  # interrupted meanwhile: nobody waits for the grade any more
            result.cancel()

    first.add_done_callback(start)
    return result


def frameworks_of(course: Course, sources: Sequence[Source]) -> list[str]:
    """What these submissions need and is there, each once."""
    taken = [take(source) for source in sources]
    needed = [framework_of(course.assignment, one) for one in taken if isinstance(one, Submission)]
    able = [name for name in course.assignment.frameworks if missing_framework(name) is None]
    return [framework for framework in dict.fromkeys(needed) if framework in able]
