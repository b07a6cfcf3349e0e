"""Who grades: threads of this process with its own workers, or the machines of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Source, Submission, take
from conformance.grading.sandbox import Isolation
from conformance.grading.sandbox.judge.isolation_probe import walled
from conformance.grading.sandbox.judge.worker_pool import Workers
from conformance.grading.scoring.one_submission import framework_of, grade_submission, workers_for
from conformance.grading.scoring.whole_class import Grader
from conformance.respondent.frameworks import missing_framework, names


@contextmanager
def local(
    seeded_assignment: SeededAssignment, level: str | None, jobs: int, first: Sequence[str] = ()
) -> Iterator[tuple[Grader, Isolation]]:
    """So many submissions at a time on this machine, behind the best walls or those of a level. `first` are frameworks to start with.

    Raises:
        NoIsolation: there are no such walls here.
    """

    def make(isolation: Isolation) -> Workers:
        workers = workers_for(seeded_assignment.assignment, isolation, jobs)
        for framework in first:
            workers.start(framework)  # all of them import at the same time
        return workers

    # One thread for sums, however many graders there are: matrices are small, and a grade must not depend on the number of cores.
    with threadpool_limits(1), walled(make, *first[:1], level=level) as workers:
        pool, lobby = ThreadPoolExecutor(jobs, "grader"), ThreadPoolExecutor(len(names()), "lobby")
        ready: dict[str, Future[str]] = {}
        try:

            def grader(submission: Submission | Refused) -> Future[Grade]:
                framework = None if isinstance(submission, Refused) else framework_of(seeded_assignment.assignment, submission)
                if framework not in seeded_assignment.assignment.frameworks:
                    return pool.submit(grade_submission, workers, seeded_assignment, submission)
                if framework not in ready:
                    ready[framework] = lobby.submit(workers.start(framework).ready)
                return _after(ready[framework], pool, lambda: grade_submission(workers, seeded_assignment, submission))

            yield grader, workers.isolation
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


def frameworks_of(seeded_assignment: SeededAssignment, sources: Sequence[Source], told: str | None = None) -> list[str]:
    """What these submissions need and is there, each once; the one that is told, if one is."""
    assignment = seeded_assignment.assignment
    submissions = [submission for source in sources if isinstance(submission := take(source, framework=told), Submission)]
    wanted_frameworks = [framework_of(assignment, submission) for submission in submissions]
    installed_frameworks = [name for name in assignment.frameworks if missing_framework(name) is None]
    return [framework for framework in dict.fromkeys(wanted_frameworks) if framework in installed_frameworks]
