"""`conformance replay`: a grade made again, from what its folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from threadpoolctl import threadpool_limits

from conformance.commands.assignment import loaded
from conformance.commands.grade import IsolationOption
from conformance.commands.process import DIFFERS, out, stop

if TYPE_CHECKING:
    from conformance.grading.grade_file import Check


def replay_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR/NAME", help="The folder of one submission.")],
    seed_file: Annotated[
        Path | None, typer.Option("--seed-file", metavar="FILE", help="The secret of the course; DIR/seed by default.")
    ] = None,
    isolation: IsolationOption = None,
) -> None:
    """Grade a submission again with the same cases, and say whether the grade is the same.

    Exit code 0: it is. 1: it is not, and the difference is shown. 2: it could not be graded again.
    """
    from conformance.grading.assignment.secret_seed import SeededAssignment, read_secret
    from conformance.grading.feedback import run_comparison
    from conformance.grading.grade_file import FILE, read
    from conformance.grading.intake.file_names import ASSIGNMENT, SECRET
    from conformance.grading.intake.submissions import Refused, Source, take
    from conformance.grading.sandbox.judge.isolation_probe import walled
    from conformance.grading.scoring import whole_class
    from conformance.grading.scoring.one_submission import framework_of, grade_submission, workers_for

    folder = folder.resolve()
    before = read(folder / FILE)
    given, _ = loaded(folder.parent / ASSIGNMENT)
    course = SeededAssignment(given, read_secret(seed_file or folder.parent / SECRET))
    if not (folder / whole_class.HANDED_IN).exists() and before.status in ("ungradable", "grader-error"):
        stop(f"{before.submission}: nothing was graded: {before.notes[-1]}")
    submission = take(
        Source(before.submission, folder / whole_class.HANDED_IN), framework=before.framework if before.told else None
    )
    if isinstance(submission, Refused):
        stop(f"{folder / whole_class.HANDED_IN}: {submission.reason}")
    for name, was, now in (
        ("assignment", before.assignment_hash, course.assignment_hash),
        ("seed-file", before.seed_id, course.seed_id),
        ("submission", before.hash, submission.hash),
    ):
        if was != now:
            stop(f"{name}: expected the one that this grade was made with ({was[:12]}), got another ({now[:12]})")
    with (
        threadpool_limits(1),
        walled(lambda walls: workers_for(given, walls, 1), framework_of(given, submission), isolation) as workers,
    ):
        after = grade_submission(workers, course, submission)
    if after.score is None:
        stop(after.notes[-1])
    (change,) = run_comparison.compare({before.submission: before}, {after.submission: after})
    if [_judged(check) for check in before.checks] == [_judged(check) for check in after.checks]:
        out.print(f"{after.submission}: {after.score:g} of {after.max_score:g} points, as before, check by check.", markup=False)
        return
    out.print(run_comparison.as_table([change]), markup=False, soft_wrap=True)
    for old, new in zip(before.checks, after.checks, strict=True):
        if old.points == new.points and _judged(old) != _judged(new):
            out.print(f"{old.name}: the same points for another reason: {new.message or new.outcome}", markup=False)
    for name, version in before.versions.items():
        if after.versions.get(name) != version:
            out.print(f"{name} was {version}, and is {after.versions.get(name, 'not there')}", markup=False)
    raise typer.Exit(DIFFERS)


def _judged(check: Check) -> tuple[object, ...]:
    """What was decided and on which case. The search for a known mistake has a deadline, so a slow machine may find fewer."""
    return check.name, check.outcome, check.points, check.message, check.counterexample
