"""`conformance grade`: a class, a folder or one submission."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conformance.commands.assignment import loaded
from conformance.commands.options import OneFrameworkOption, chosen_framework
from conformance.commands.process import CONFORMS, DIFFERS, INTERRUPTED, err, out, stop
from conformance.commands.progress import progress_bar
from conformance.files import write_atomically
from conformance.respondent.printable import listed

if TYPE_CHECKING:
    from conformance.grading.assignment.secret_seed import SeededAssignment
    from conformance.grading.feedback.output_folder import Format
    from conformance.grading.grade_file import Grade
    from conformance.grading.intake.submissions import Source
    from conformance.grading.sandbox import Isolation
    from conformance.grading.scoring.whole_class import Grader

AssignmentOption = Annotated[
    Path, typer.Option("--assignment", metavar="FILE", help="An assignment file, or the name of a shipped one.")
]
IsolationOption = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL", help="bubblewrap, landlock, namespaces, or process: no walls at all; the best that works by default."
    ),
]
# So many submissions are read ahead, so that the frameworks that they need are imported side by side.
_READ_AHEAD = 16


def grade_command(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATHS...", help="Submissions: files, folders, zips, or a folder of many.")
    ],
    assignment: AssignmentOption,
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A folder for every submission, and the files of the class.")
    ],
    jobs: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Submissions at a time; as many as processors by default.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Grade only what is missing or changed.")] = False,
    seed_file: Annotated[
        Path | None,
        typer.Option("--seed-file", metavar="FILE", help="The secret of the course; DIR/seed, made if missing, by default."),
    ] = None,
    form: Annotated[list[str] | None, typer.Option("--format", metavar="NAME", help="Also gradescope, nbgrader or otter.")] = None,
    one: Annotated[bool, typer.Option("--one", help="Every path is one submission, whatever is in it.")] = False,
    framework: OneFrameworkOption = None,
    isolation: IsolationOption = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a dask.distributed scheduler, where a class outgrows one machine.")
    ] = None,
) -> None:
    """Grade submissions, and say what each got wrong.

    Exit code 0: every submission has its grade. 1: the grader itself failed on some, which have no score. 2: nothing could be graded.
    130: interrupted; what was graded is kept, and --resume goes on.
    """
    started = time.perf_counter()
    told = chosen_framework(framework)
    given, text = loaded(assignment)
    from conformance.grading.assignment.secret_seed import SeededAssignment, kept_secret, read_secret
    from conformance.grading.feedback.output_folder import FORMATS, write_class
    from conformance.grading.feedback.visibility import Presentation
    from conformance.grading.grade_file import FILE
    from conformance.grading.intake.file_names import ASSIGNMENT, SECRET
    from conformance.grading.intake.submissions import find, remarks
    from conformance.grading.scoring import whole_class

    formats: list[Format] = [known for known in FORMATS if known in (form or ())]
    for name in form or ():
        if name not in FORMATS:
            stop(f"format: expected one of {', '.join(FORMATS)}; got {name!r}")
    if jobs is not None and scheduler is not None:
        stop("jobs: expected none with --scheduler, whose machines say how many they grade at a time")
    done: list[Grade] = []
    kept = 0
    sources: Sequence[Source] = ()
    try:
        sources = [source for source in find(paths, one) if source.path != folder.resolve()]
        for sentence in remarks(paths, one):
            err.print(sentence, markup=False, soft_wrap=True)
        earlier = {path.parent.name for path in folder.glob(f"*/{FILE}")}
        if not resume and earlier:
            stop(
                f"out: expected a folder without grades, found some in {os.fspath(folder)!r}; --resume grades what is missing or changed"
            )
        folder.mkdir(parents=True, exist_ok=True)
        if earlier and seed_file is None and not (folder / SECRET).exists():
            err.print(
                f"seed-file: expected the secret of the grades in {folder / SECRET}, found none; "
                "a fresh one is drawn, so all are graded anew",
                markup=False,
                soft_wrap=True,
            )
        secret = kept_secret(folder / SECRET) if seed_file is None else read_secret(seed_file)
        write_atomically(folder / ASSIGNMENT, text)
        seeded_assignment, count = SeededAssignment(given, secret), jobs or len(os.sched_getaffinity(0))
        with (
            _graders(seeded_assignment, isolation, count, scheduler, sources, told) as (grader, walls, at_once),
            progress_bar(24, rate=True) as progress,
        ):
            run = whole_class.Run(seeded_assignment, walls, folder, Presentation.of(given), formats, told)
            bar = progress.add_task("", total=len(sources))
            for graded_submission in whole_class.grade_all(run, sources, grader, max(_READ_AHEAD, 2 * at_once), resume):
                done.append(graded_submission.grade)
                kept += graded_submission.kept
                progress.update(bar, advance=1, description=graded_submission.grade.submission[:24])
        write_class(folder, done, run.shown, formats)
    except CancelledError:  # by dask, once it has given up
        stop(f"scheduler: lost {scheduler!r} after {len(done)} of {len(sources)} submissions; --resume grades the rest")
    except OSError as error:
        stop(f"out: {error.filename}: {error.strerror}" if error.filename else f"out: {error}")
    except KeyboardInterrupt:
        err.print(f"Interrupted after {len(done)} of {len(sources)} submissions; --resume grades the rest.", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    _say(done, kept, walls, folder, time.perf_counter() - started)
    _say_who_is_gone(sorted(earlier - {grade.submission for grade in done}), folder)
    raise typer.Exit(DIFFERS if any(grade.score is None for grade in done) else CONFORMS)


@contextmanager
def _graders(
    seeded_assignment: SeededAssignment,
    level: str | None,
    jobs: int,
    scheduler: str | None,
    sources: Sequence[Source],
    told: str | None,
) -> Iterator[tuple[Grader, Isolation, int]]:
    """Who grades, behind which walls, and how many submissions at a time: this machine, or a cluster."""
    from conformance.grading.scoring import on_this_machine
    from conformance.grading.scoring.on_a_cluster import cluster

    if scheduler is not None:
        with cluster(seeded_assignment, level, scheduler) as found:
            yield found
    else:
        with on_this_machine.local(
            seeded_assignment, level, jobs, on_this_machine.frameworks_of(seeded_assignment, sources[:_READ_AHEAD], told)
        ) as (
            grader,
            walls,
        ):
            yield grader, walls, jobs


def _say_who_is_gone(names: list[str], folder: Path) -> None:
    """Grades of an earlier run that nothing belongs to any more: they stay, and count in no table of the class."""
    if names:
        who = f"{listed(names)} {'was' if len(names) == 1 else 'were'} not handed in this time"
        out.print(
            f"{who}: the earlier grade{'s' * (len(names) > 1)} in {folder} stay{'s' * (len(names) == 1)}, but no table of the class has "
            f"{'it' if len(names) == 1 else 'them'}.",
            markup=False,
            soft_wrap=True,
        )


def _say(done: list[Grade], kept: int, isolation: Isolation, folder: Path, seconds: float) -> None:
    """What came of it, in a few lines."""
    statuses = Counter(grade.status for grade in done)
    scores = sorted(grade.score for grade in done if grade.score is not None)
    new = len(done) - kept
    rate = f" ({new / seconds * 60:.0f} a minute)" if new else ""
    unchanged = f", {kept} kept as {'it was' if kept == 1 else 'they were'}" if kept else ""
    out.print(
        f"{new} submission{'' if new == 1 else 's'} graded in {seconds:.1f} s{rate}{unchanged}, isolation {isolation.level}",
        soft_wrap=True,
    )
    width = max(map(len, statuses), default=0)
    for status, count in statuses.most_common():
        out.print(f"  {status:<{width}} {count:>5}", style="red" if status == "grader-error" else None)
    if scores:
        best = max(grade.max_score for grade in done)
        middle = scores[len(scores) // 2]
        out.print(f"Scores from {scores[0]:g} to {scores[-1]:g} of {best:g}, median {middle:g}.")
    if isolation.level == "process":
        out.print(isolation.sentence, style="yellow", soft_wrap=True)
    if statuses["grader-error"]:
        out.print("A grader-error is no zero: those have no score. --resume grades them again.", style="red", soft_wrap=True)
    out.print(f"{folder / 'class.html'}, {folder / 'grades.csv'}", markup=False, soft_wrap=True)
