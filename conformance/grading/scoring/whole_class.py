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
from conformance.grading.assignment.secret_seed import Course
from conformance.grading.feedback.folder import Format, is_whole, write_grade
from conformance.grading.feedback.view import Presentation
from conformance.grading.grade_file import Grade
from conformance.grading.intake.submissions import Refused, Source, Submission, take
from conformance.grading.sandbox import Isolation
from conformance.grading.scoring.one_submission import failed_to_mark

# What replays a grade: the files as they were graded; beside all folders are the assignment and the secret.
HANDED_IN = "submission.zip"
_YEAR_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Run:
    """What all submissions of a run share."""

    course: Course
    isolation: Isolation
    out: Path
    shown: Presentation
    formats: Collection[Format] = ()


@dataclass(frozen=True)
class Done:
    """A grade, and whether it was made in this run or was there already."""

    grade: Grade
    kept: bool


Marker = Callable[[Submission | Refused], "Future[Grade]"]


def grade_all(run: Run, sources: Sequence[Source], marker: Marker, at_once: int, resume: bool = False) -> Iterator[Done]:
    """Grade every submission and write it; at most `at_once` are in memory at a time.

    With `resume` what is there already is kept if its files, the assignment, the secret, the walls and this project's version are the same,
    and if it was not lost to a mistake of the grader.
    """
    waiting: dict[Future[Grade], Submission | Refused] = {}
    for source in sources:
        taken = take(source)
        if resume and (known := _known(run, taken)) is not None:
            named = known.model_copy(update={"handed_in": taken.handed_in})
            if named != known or not is_whole(run.out / taken.name, run.formats):
                known = named
                write_grade(run.out, known, run.shown, run.formats)
            yield Done(known, kept=True)
            continue
        waiting[_handed_over(marker, taken)] = taken
        if len(waiting) >= at_once:
            yield from _finished(run, waiting)
    while waiting:
        yield from _finished(run, waiting)


def _handed_over(marker: Marker, taken: Submission | Refused) -> Future[Grade]:
    """What cannot be handed over is lost alone, unless nobody is there any more to take anything."""
    try:
        return marker(taken)
    except CancelledError:
        raise
    except Exception as error:
        failed: Future[Grade] = Future()
        failed.set_exception(error)
        return failed


def _finished(run: Run, waiting: dict[Future[Grade], Submission | Refused]) -> Iterator[Done]:
    """Wait for at least one, and write those that are done. Raises CancelledError if nobody is there any more who grades."""
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        taken = waiting.pop(future)
        error = future.exception()
        given = failed_to_mark(run.course, run.isolation, taken, error) if error is not None else future.result()
        given = given.model_copy(update={"handed_in": taken.handed_in})
        write(run, taken, given)
        yield Done(given, kept=False)


def write(run: Run, taken: Submission | Refused, given: Grade) -> None:
    """The folder of one submission; grade.json is written last."""
    folder = run.out / given.submission
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(taken, Submission):
        write_bytes_atomically(folder / HANDED_IN, zipped(taken))
    else:
        (folder / HANDED_IN).unlink(missing_ok=True)
    write_grade(run.out, given, run.shown, run.formats)


def zipped(taken: Submission) -> bytes:
    """The files as they were graded; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(taken.files):
            archive.writestr(zipfile.ZipInfo(name, _YEAR_OF_ZIP), taken.files[name], zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _known(run: Run, taken: Submission | Refused) -> Grade | None:
    """The grade that is there already, if it would be the same again."""
    if isinstance(taken, Refused):
        return None
    try:
        known = grade_file.read(run.out / taken.name / grade_file.FILE)
    except UnreadableGrade:
        return None
    same = (
        known.status != "grader-error"
        and (known.submission, known.hash) == (taken.name, taken.hash)
        and (known.assignment_hash, known.seed_id) == (run.course.assignment_hash, run.course.seed_id)
        and known.isolation == run.isolation.level
        and known.versions.get("conformance") == run.course.version
    )
    return known if same else None
