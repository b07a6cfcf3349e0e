"""A whole class: several submissions at a time, each written as soon as it is graded, and none lost with another."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import UnreadableGrade
from conformance.files import write_bytes_atomically
from conformance.grading import grade_file
from conformance.grading.assignment.secret_seed import SeededAssignment
from conformance.grading.feedback.output_folder import Format, is_whole, write_grade
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Source, Submission, take
from conformance.grading.sandbox import Isolation
from conformance.grading.scoring.one_submission import lost_grade

# What replays a grade: the files as they were graded; beside all folders are the assignment and the secret.
HANDED_IN = "submission.zip"
_YEAR_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Run:
    """What all submissions of a run share; `framework` if whoever grades names it."""

    seeded_assignment: SeededAssignment
    isolation: Isolation
    out: Path
    shown: Presentation
    formats: Collection[Format] = ()
    framework: str | None = None


@dataclass(frozen=True)
class Done:
    """A grade, and whether it was made in this run or was there already."""

    grade: Grade
    kept: bool


Grader = Callable[[Submission | Refused], "Future[Grade]"]


def grade_all(run: Run, sources: Sequence[Source], grader: Grader, at_once: int, resume: bool = False) -> Iterator[Done]:
    """Grade every submission and write it; at most `at_once` are in memory at a time.

    With `resume` what is there already is kept if its files, the assignment, the secret, the walls and this project's version are the same,
    and if it was not lost to a mistake of the grader.
    """
    waiting: dict[Future[Grade], Submission | Refused] = {}
    for source in sources:
        submission = take(source, framework=run.framework)
        if resume and (earlier := _earlier_grade(run, submission)) is not None:
            renamed = earlier.model_copy(update={"handed_in": submission.handed_in})
            if renamed != earlier or not is_whole(run.out / submission.name, run.formats):
                earlier = renamed
                write_grade(run.out, earlier, run.shown, run.formats)
            yield Done(earlier, kept=True)
            continue
        waiting[_handed_over(grader, submission)] = submission
        if len(waiting) >= at_once:
            yield from _finished(run, waiting)
    while waiting:
        yield from _finished(run, waiting)


def _handed_over(grader: Grader, submission: Submission | Refused) -> Future[Grade]:
    """What cannot be handed over is lost alone, unless nobody is there any more to take anything."""
    try:
        return grader(submission)
    except CancelledError:
        raise
    except Exception as error:
        failed: Future[Grade] = Future()
        failed.set_exception(error)
        return failed


def _finished(run: Run, waiting: dict[Future[Grade], Submission | Refused]) -> Iterator[Done]:
    """Wait for at least one, and write those that are done. Raises CancelledError if nobody is there any more who grades."""
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        submission = waiting.pop(future)
        error = future.exception()
        grade = lost_grade(run.seeded_assignment, run.isolation, submission, error) if error is not None else future.result()
        grade = grade.model_copy(update={"handed_in": submission.handed_in})
        write(run, submission, grade)
        yield Done(grade, kept=False)


def write(run: Run, submission: Submission | Refused, grade: Grade) -> None:
    """The folder of one submission; grade.json is written last."""
    folder = run.out / grade.submission
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(submission, Submission):
        write_bytes_atomically(folder / HANDED_IN, zipped(submission))
    else:
        (folder / HANDED_IN).unlink(missing_ok=True)
    write_grade(run.out, grade, run.shown, run.formats)


def zipped(submission: Submission) -> bytes:
    """The files as they were graded; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(submission.files):
            archive.writestr(zipfile.ZipInfo(name, _YEAR_OF_ZIP), submission.files[name], zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _earlier_grade(run: Run, submission: Submission | Refused) -> Grade | None:
    """The grade that is there already, if it would be the same again."""
    if isinstance(submission, Refused):
        return None
    try:
        earlier = grade_file.read(run.out / submission.name / grade_file.FILE)
    except UnreadableGrade:
        return None
    is_current = (
        earlier.status != "grader-error"
        and (earlier.submission, earlier.hash) == (submission.name, submission.hash)
        and (earlier.assignment_hash, earlier.seed_id) == (run.seeded_assignment.assignment_hash, run.seeded_assignment.seed_id)
        and earlier.isolation == run.isolation.level
        and (earlier.framework if earlier.told else None) == run.framework
        and earlier.versions.get("conformance") == run.seeded_assignment.version
    )
    return earlier if is_current else None
