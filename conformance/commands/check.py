"""`conformance check`: a student looks at a file before handing it in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from threadpoolctl import threadpool_limits

from conformance.commands.assignment import loaded
from conformance.commands.grade import IsolationOption
from conformance.commands.options import (
    AcceptOption,
    NoCardOption,
    OneFrameworkOption,
    OptionOption,
    ReferenceOption,
    StrictOption,
    chosen_framework,
    chosen_values,
    specs_of,
    values_for,
)
from conformance.commands.process import CONFORMS, DIFFERS, err, out, stop
from conformance.errors import NoIsolation
from conformance.judging.verdicts import WITHOUT_VALUES
from conformance.respondent.frameworks import every_device, has_numbers
from conformance.targets.target import check_choices, refuse_nowhere

if TYPE_CHECKING:
    from conformance.grading.assignment.assignment import Assignment, AssignmentTask
    from conformance.grading.intake.submissions import Submission
    from conformance.grading.sandbox import Isolation
    from conformance.grading.sandbox.judge.worker_pool import Workers
    from reference.specification import Spec

_LECTURE = Path("lecture06")


def check_command(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A .py file, a notebook, a folder or a zip.")],
    assignment: Annotated[
        Path | None,
        typer.Option("--assignment", metavar="FILE", help="Its public checks; everything that the file offers by default."),
    ] = None,
    framework: OneFrameworkOption = None,
    isolation: IsolationOption = None,
    strict: StrictOption = False,
    option: OptionOption = None,
    accept: AcceptOption = None,
    reference: ReferenceOption = None,
    device: NoCardOption = "cpu",
) -> None:
    """Check one submission by the public checks of an assignment, and explain what is not right.

    Exit code 0: everything is right. 1: something is not. 2: it could not be checked.
    """
    told = chosen_framework(framework)
    check_choices("device", (device,), [name for name in every_device() if name != "cuda"])  # no worker sees a card
    own = specs_of(reference) if reference is not None else ()
    given = loaded(assignment)[0] if assignment is not None else _of_file(own, str(reference)) if own else _everything()
    given = _asked(given, strict, option, accept)
    from conformance.grading.assignment.secret_seed import PUBLIC, SeededAssignment
    from conformance.grading.feedback.feedback_text import feedback_text
    from conformance.grading.feedback.terminal import as_lines
    from conformance.grading.feedback.visibility import Presentation
    from conformance.grading.intake.submissions import Refused, find, take
    from conformance.grading.sandbox.judge.fork_server_client import BrokenWorker
    from conformance.grading.sandbox.judge.isolation_probe import walled
    from conformance.grading.scoring.one_submission import framework_of, grade_submission, workers_for
    from conformance.respondent.frameworks import facts, missing_framework
    from conformance.targets.target import UNSAID

    if assignment is not None and not any(asked.public for asked in given.specs.values()):
        stop(f"assignment: expected one with public checks, found none in {str(assignment)!r}")
    try:
        (source,) = find([path], single=True, argument="file")
        submission = take(source, framework=told)
        if isinstance(submission, Refused):
            stop(f"{path}: {submission.reason}")
        if submission.problem is not None:
            stop(submission.problem)

        def make(walls: Isolation) -> Workers:
            return workers_for(given, walls, 1, models=None if assignment else False)

        judged_in = framework_of(given, submission)
        if (missing := missing_framework(judged_in)) is not None:
            stop(f"{path}: {missing}")
        refuse_nowhere((device,), (judged_in,))
        try:
            walled_workers = walled(make, judged_in, isolation)
        except NoIsolation:
            if isolation is not None:
                raise
            walled_workers = walled(make, judged_in, "process")  # students run their own code on their own machine
        with threadpool_limits(1), walled_workers as workers:
            workers.device = device
            if assignment is None:
                given = _offered(given, submission, workers)
            grade = grade_submission(workers, SeededAssignment(given, PUBLIC, public_only=assignment is not None), submission)
    except BrokenWorker as error:
        stop(str(error))
    if grade.status in ("grader-error", "ungradable"):
        stop(f"{path}: {grade.notes[-1]}")
    if not submission.doubtful:  # a grade says it only where there is a doubt
        said = f"judged as {facts(judged_in).title}, because {submission.because or UNSAID}"
        grade = grade.model_copy(update={"notes": (*grade.notes, said)})
    if not has_numbers(device):
        grade = grade.model_copy(update={"notes": (*grade.notes, f"asked on {device}, so ✓ is {WITHOUT_VALUES}")})
    for line, style in as_lines(feedback_text(grade, Presentation.of(given))):
        out.print(line, style=style or None, markup=False, soft_wrap=True)
    raise typer.Exit(CONFORMS if grade.status == "passed" else DIFFERS)


def _of_file(specs: Sequence[Spec], title: str) -> Assignment:
    """An assignment of everything that a reference file specifies."""
    from conformance.grading.assignment.assignment import Assignment

    return Assignment(title=title, specs=_tasks(specs))


def _everything() -> Assignment:
    """The lecture's assignment, and beside it whatever else the reference specifies."""
    from reference.specification import catalogue

    lecture, _ = loaded(_LECTURE)
    others = _tasks([spec for name, spec in catalogue().items() if name not in lecture.specs])
    return lecture.model_copy(update={"specs": {**lecture.specs, **others}})


def _tasks(specs: Sequence[Spec]) -> dict[str, AssignmentTask]:
    """All parts of each, worth the same and public."""
    from conformance.grading.assignment.assignment import AssignmentTask, parts_of

    return {spec.name: AssignmentTask(points=dict.fromkeys(parts_of(spec), 1.0), public=parts_of(spec)) for spec in specs}


def _asked(given: Assignment, strict: bool, option: list[str] | None, accept: list[str] | None) -> Assignment:
    """The assignment with what the command line says besides: of the digits, of options, of variants that are accepted."""
    from conformance.faults.catalogue import known_variants
    from conformance.judging.accepted_variants import accepted_variants
    from reference.specification import catalogue

    specs = tuple(catalogue()[name] for name in given.specs)
    values, variants = chosen_values(specs, option), accepted_variants(specs, accept or ())
    tasks = dict(given.specs)
    for spec in specs:
        task = tasks[spec.name]
        accepted = dict.fromkeys(variants & known_variants(spec.name), 1.0)
        options = {name: tuple(chosen) for name, chosen in values_for(spec, values).items()}
        update = {
            "variants": {**task.variants, **accepted},
            "options": {**task.options, **options},
            "strict": strict or task.strict,
        }
        tasks[spec.name] = task.model_copy(update=update)
    return given.model_copy(update={"specs": tasks})


def _offered(given: Assignment, submission: Submission, workers: Workers) -> Assignment:
    """The assignment without what the submission does not have, and without gradients that NumPy does not carry; or end the command."""
    from conformance.cases.kinds import kind_of
    from conformance.grading.scoring.one_submission import framework_of
    from conformance.judging import signature
    from conformance.respondent.frameworks import facts
    from conformance.respondent.responses import Returned
    from reference.specification import catalogue

    framework = framework_of(given, submission)
    with workers.open(framework, submission.files, submission.entry, given.dtypes[0]) as subject:
        if not isinstance(subject.imported.response, Returned):
            stop(f"{submission.name}: import: {subject.imported.response.sentence}")
        specs = {name: asked for name, asked in given.specs.items() if subject.has(name)}
        for name, asked in specs.items():
            if not facts(framework).automatic and kind_of(catalogue()[name]).called and not subject.has(f"{name}_vjp"):
                specs[name] = asked.model_copy(update={"points": {p: n for p, n in asked.points.items() if p != "gradient"}})
        for name in (name for name in given.specs if name not in specs):
            if (near := signature.near_name(name, subject.names())) is not None:
                err.print(f"{submission.name}: names: did you mean {name} by {near}?", markup=False, soft_wrap=True)
    if not specs:
        for note in submission.notes:  # a cell of a notebook that was left out, say
            err.print(f"{submission.name}: {note}", markup=False, soft_wrap=True)
        stop(f"{submission.name}: expected one of {', '.join(given.specs)}; found none of these names")
    return given.model_copy(update={"specs": specs})
