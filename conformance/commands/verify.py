"""`conformance verify`: every specification on every target."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from conformance.cases.image_files import image_rows
from conformance.cases.kinds import kind_of
from conformance.commands.kept_counterexamples import keep_counterexample
from conformance.commands.options import (
    AcceptOption,
    DataOption,
    DeviceOption,
    DtypeOption,
    FrameworkOption,
    ModeOption,
    OptionOption,
    ReferenceOption,
    SpecOption,
    StrictOption,
    TargetOption,
    TimeoutOption,
    chosen_specs,
    limited,
)
from conformance.commands.process import COULD_NOT_RUN, DIFFERS, INTERRUPTED, err, out, stop
from conformance.commands.progress import progress_bar
from conformance.diagnosis.diagnosis import diagnose
from conformance.errors import UnknownChoice, UnwritableReport
from conformance.judging.accepted_variants import accepted_variants
from conformance.judging.kept_expectations import KeptExpectations, usual_folder
from conformance.judging.plan import EXAMPLES, SECONDS, Plan
from conformance.judging.verdicts import Verdict, conforms, was_run
from conformance.judging.verify import case_count, verify
from conformance.reports import terminal
from conformance.reports.folder import ReportFolder
from conformance.reports.jsonl import UNFINISHED
from conformance.respondent.frameworks import facts, own_packages
from conformance.respondent.printable import listed
from conformance.targets.target import UNSAID, Target, breakage, expand
from conformance.workers import forking
from conformance.workers.imports import breakage_apart
from conformance.workers.judges import Judges
from conformance.workers.seats import usual_memory
from conformance.workers.worker_subject import MEBIBYTE
from reference.specification import Spec


def verify_command(
    spec: SpecOption = None,
    reference: ReferenceOption = None,
    target: TargetOption = None,
    framework: FrameworkOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    mode: ModeOption = None,
    examples: Annotated[int, typer.Option(min=1, max=1_000_000, help="Drawn cases a formula; a model gets an eighth.")] = EXAMPLES,
    compiled_examples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="The same in compiled modes; 8 a formula and 4 a model by default, for each is compiled anew.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws other cases.")] = 0,
    seconds: TimeoutOption = SECONDS,
    report: Annotated[str | None, typer.Option(help="Folder for report.jsonl and junit.xml.", metavar="DIR")] = None,
    data: DataOption = None,
    strict: StrictOption = False,
    option: OptionOption = None,
    accept: AcceptOption = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=256,
            help="Processes that judge at a time, each with the targets in others beside it; as many as processors by default. "
            "0 asks the targets in this process, for debuggers.",
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Work out anew what the reference says, and keep none of it; else costly cases are kept."),
    ] = False,
    memory: Annotated[
        int | None,
        typer.Option(
            min=64,
            max=2**24,
            help="MiB that the process of a target may take; 8192, or half of the machine's, by default.",
            metavar="MIB",
        ),
    ] = None,
) -> None:
    """Check every specification on every target, device, dtype and mode.

    Exit code 0: all that ran conforms. 1: something does not, as where a target ends its process. 2: nothing ran, a named target or the
    report cannot be used, or a named specification is not offered. A registered target that nobody named and that cannot be imported is
    reported, and the others decide. 130: interrupted; what is known until then is shown.
    """
    started = time.perf_counter()
    verdicts: list[Verdict] = []
    plan: Plan | None = None
    try:
        if report == "":
            raise UnwritableReport("report: expected the name of a folder, got ''")
        specs = tuple(chosen.strict() if strict else chosen for chosen in limited(chosen_specs(spec, reference), option))
        dtypes, modes = dtype or ("float32", "float64"), mode or ("eager",)
        apart = forking.can_fork() and jobs != 0
        imported = breakage_apart if apart else breakage
        expanded = expand(target or (), device or (), dtypes, modes, framework, imported)
        targets = tuple(one for one in expanded if any(one.judges(each.name) for each in specs))
        variants, images = accepted_variants(specs, accept or ()), None if data is None else image_rows(data)
        kept = None if fresh else usual_folder()
        KeptExpectations(kept).make_room()
        plan = Plan(specs, targets, seed, examples, seconds, images, compiled_examples, variants, kept)
        if not plan.targets:
            raise UnknownChoice(
                f"target: expected something to verify, found neither {' nor '.join(own_packages())}; name a module by --target"
            )
        folder = ReportFolder(None if report is None else Path(report), plan)
        with _judges(plan, jobs, memory) if apart else nullcontext() as judges:
            _run(plan, judges, verdicts, folder, started)
    except KeyboardInterrupt:
        if plan is not None and verdicts:
            out.print(terminal.summary(plan.in_order(verdicts), time.perf_counter() - started), crop=False)
        err.print(f"Interrupted after {len(verdicts)} verdicts{_kept(verdicts, report)}.", markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    out.print(terminal.summary(plan.in_order(verdicts), time.perf_counter() - started), crop=False)
    _say_what_was_guessed(plan, verdicts)
    _say_what_compiled_modes_were_asked(plan, verdicts)
    if folder.problem is not None:
        stop(folder.problem)
    unoffered = spec and any(v.outcome == "unsupported" for v in verdicts)
    if not conforms(verdicts):
        raise typer.Exit(DIFFERS)
    if not was_run(verdicts) or unoffered:
        raise typer.Exit(COULD_NOT_RUN)


def _kept(verdicts: list[Verdict], report: str | None) -> str:
    """Where what was found until now is."""
    return f"; {len(verdicts)} verdicts are in {Path(report) / UNFINISHED}" if report is not None else ""


def _judges(plan: Plan, jobs: int | None, memory: int | None) -> Judges:
    """As many as are asked for, or as there are processors."""
    count = jobs or len(os.sched_getaffinity(0))
    return Judges(plan, count, usual_memory() if memory is None else memory * MEBIBYTE, diagnose)


def _run(plan: Plan, judges: Judges | None, verdicts: list[Verdict], folder: ReportFolder, started: float) -> None:
    """Fill `verdicts` as they come, with a progress bar, and write the report. Without judges all is done in this process."""
    keeping = True
    try:
        with progress_bar(24) as progress:
            bar = progress.add_task("loading frameworks", total=None)

            def on_seated(targets: Collection[Target]) -> None:
                progress.update(bar, total=case_count(plan, lambda target: target in targets))

            def on_case(spec: Spec, target: Target) -> None:
                progress.update(bar, advance=1, description=spec.name)

            if judges is None:
                progress.update(bar, total=case_count(plan))
            coming = verify(plan, on_case, diagnose) if judges is None else judges.verdicts(on_case, on_seated)
            for verdict in coming:
                verdicts.append(verdict)
                keeping = keeping and keep_counterexample(verdict)
                folder.write(verdict)
        folder.finish(plan.in_order(verdicts), time.perf_counter() - started)
    finally:
        folder.close()


def _say_what_was_guessed(plan: Plan, verdicts: list[Verdict]) -> None:
    """In which framework each module was judged, and why, where nobody told."""
    judged = {(v.target.module, v.target.framework) for v in verdicts if v.cases}
    for one in {(t.module, t.framework): t for t in plan.targets if t.because}.values():
        if one.because != UNSAID and (one.module, one.framework) not in judged:
            continue
        title = facts(one.framework).title
        sentence = f"{one.module} was judged as {title}, because {one.because}."
        if one.because == UNSAID:
            sentence = f"{one.module} imports no framework, so it was judged as {title}; --framework tf or torch says otherwise."
        elif one.of is not None and any(t.module == one.module and t.framework != one.framework for t in plan.targets):
            asked = [spec.name for spec in plan.specs if one.judges(spec.name)]
            sentence = f"{one.module}: {listed(asked)} judged as {title}, because {one.because}."
        out.print(sentence, markup=False, soft_wrap=True)


def _say_what_compiled_modes_were_asked(plan: Plan, verdicts: list[Verdict]) -> None:
    """Fewer cases than eager ones, unless the user asks for more."""
    ran = {v.spec for v in verdicts if v.target.mode == "compiled" and v.cases}
    compiled = next((target for target in plan.targets if target.mode == "compiled"), None)
    fewer = {
        kind_of(spec).label: count
        for spec in plan.specs
        if compiled is not None and spec.name in ran and (count := plan.examples_for(spec, compiled)) < plan.drawn(spec)
    }
    if fewer:
        counts = " and ".join(f"{count} drawn cases a {kind}" for kind, count in fewer.items())
        out.print(f"Compiled modes were asked {counts}; --compiled-examples asks more.", markup=False, soft_wrap=True)
