"""The command line: parses, calls, prints. Exit codes: 0 all conform, 1 something does not, 2 it could not run, 130 interrupted."""

from __future__ import annotations

import difflib
import io
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

import reference  # noqa: F401  (fills the catalogue)
from conformance import counterexamples, environment
from conformance.commands import assignment, gradescope
from conformance.commands.diff import diff_command
from conformance.counterexamples import UnknownCase
from conformance.exercise import LocalSubject
from conformance.expectation import expect
from conformance.reports import junit, terminal
from conformance.reports.jsonl import UNFINISHED, JsonlReport, UnwritableReport
from conformance.responses import Returned
from conformance.targets import Target, UnknownChoice, UnusableTarget, discover, expand, obstacle
from conformance.verdicts import Verdict, conforms, was_run
from conformance.verify import Plan, case_count, check, verify
from reference.specification import Spec, catalogue

CONFORMS, DIFFERS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    help="Does an implementation compute what the reference says? Values, gradients, activations and training steps.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(assignment.app, name="assignment")
app.add_typer(gradescope.app, name="gradescope")
app.command("diff")(diff_command)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)

SpecOption = Annotated[list[str] | None, typer.Option("--spec", help="A specification; all by default.", metavar="NAME")]
TargetOption = Annotated[
    list[str] | None,
    typer.Option("--target", help="A module's name or a path; impl_tf and impl_torch by default.", metavar="MODULE"),
]
DeviceOption = Annotated[list[str] | None, typer.Option("--device", help="cpu or cuda; every one by default.", metavar="DEVICE")]
DtypeOption = Annotated[
    list[str] | None,
    typer.Option("--dtype", help="float64, float32, bfloat16 or float16; the first two by default.", metavar="DTYPE"),
]
ModeOption = Annotated[list[str] | None, typer.Option("--mode", help="eager or compiled; eager by default.", metavar="MODE")]


@app.command("verify")
def verify_command(
    spec: SpecOption = None,
    target: TargetOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    mode: ModeOption = None,
    examples: Annotated[int, typer.Option(min=1, max=1_000_000, help="Drawn cases a formula; a model gets an eighth.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Draws other cases.")] = 0,
    seconds: Annotated[
        float, typer.Option("--timeout", min=0.01, max=86400, help="Seconds a target may take for one case.")
    ] = 20.0,
    report: Annotated[Path | None, typer.Option(help="Folder for report.jsonl and junit.xml.", metavar="DIR")] = None,
) -> None:
    """Check every specification on every target, device, dtype and mode."""
    started = time.perf_counter()
    verdicts: list[Verdict] = []
    try:
        plan = Plan(
            _specs(spec),
            tuple(expand(target or (), device or (), dtype or ("float32", "float64"), mode or ("eager",))),
            seed,
            examples,
            seconds,
        )
        if not plan.targets:
            raise UnknownChoice(
                "target: expected something to verify, found neither impl_tf nor impl_torch; name a module by --target"
            )
        _run(plan, verdicts, report, started)
    except (UnknownChoice, UnusableTarget, UnwritableReport) as error:
        _stop(str(error))
    except KeyboardInterrupt:
        kept = f"; {len(verdicts)} verdicts are in {report / UNFINISHED}" if report is not None else ""
        _err.print(f"Interrupted after {len(verdicts)} verdicts{kept}.", markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    _out.print(terminal.summary(verdicts, time.perf_counter() - started), crop=False)
    unoffered = spec and any(v.outcome == "unsupported" for v in verdicts)
    if not conforms(verdicts):
        raise typer.Exit(DIFFERS)
    if not was_run(verdicts) or unoffered:
        raise typer.Exit(COULD_NOT_RUN)


@app.command("list")
def list_command() -> None:
    """Show the specifications and the targets that are found."""
    for spec in catalogue().values():
        _out.print(f"[bold]{spec.name}[/bold]  {', '.join(spec.quantities)}  [dim]{spec.source}[/dim]", soft_wrap=True)
        _out.print(f"    {spec.equation}", markup=False, soft_wrap=True)
    _out.print("\n[bold]Targets[/bold]")
    for name, module in discover().items():
        _out.print(f"    {name}" + ("" if name == module else f" ({module})"), markup=False)


@app.command("reproduce")
def reproduce_command(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="As printed with the failure.")],
    target: TargetOption = None,
    device: Annotated[str, typer.Option(metavar="DEVICE")] = "cpu",
    mode: Annotated[str, typer.Option(metavar="MODE")] = "eager",
    seconds: Annotated[float, typer.Option("--timeout", min=0.01, max=86400)] = 20.0,
) -> None:
    """Run one kept counterexample again and show inputs, expected and actual."""
    try:
        case = counterexamples.recall(case_id)
        targets = tuple(expand(target or (), (device,), (case.dtype,), (mode,)))
        for one in targets:
            reason = obstacle(one)
            if reason is not None:
                raise UnusableTarget(f"device: {one.name} cannot run on {device}: {reason}")
        subjects = [LocalSubject.of(one) for one in targets]
    except (UnknownCase, UnknownChoice, UnusableTarget) as error:
        _stop(str(error))
    spec, agreed = catalogue()[case.spec], True
    expected = expect(spec, case)
    _out.print(f"{spec.name}  {case.dtype}  {case.id}\n  {spec.equation}", markup=False, soft_wrap=True)
    terminal.show_case(case, _out)
    for subject in subjects:
        _out.print(f"\n{subject.target.label}", style="bold", markup=False)
        for quantity, (response, comparison) in check(subject, spec, case, seconds).items():
            terminal.show_response(quantity, response, expected[quantity], _out)
            good = isinstance(response, Returned) and comparison is not None and comparison.agrees
            agreed = agreed and good
            _out.print(f"    {'conforms' if good else 'does not conform'}", style="green" if good else "bold red")
    raise typer.Exit(CONFORMS if agreed else DIFFERS)


@app.command("doctor")
def doctor_command() -> None:
    """Show what is installed, which devices can be used, and why others cannot."""
    for package, version in environment.versions().items():
        _out.print(f"{package:<14}{version}", markup=False)
    _out.print()
    for one in environment.availability():
        state = "[green]usable[/green]" if one.reason is None else "[yellow]missing[/yellow]"
        _out.print(f"{one.framework:<12}{one.device:<6}{state}", end="  ")
        _out.print(one.reason or one.version or "", markup=False, soft_wrap=True)


def main() -> None:
    """Entry point of the `conformance` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a stream that cannot write ✓ writes its number
    app()


def _run(plan: Plan, verdicts: list[Verdict], report: Path | None, started: float) -> None:
    """Fill `verdicts` as they come, with a progress bar, and write the report."""
    header = {
        "version": environment.own_version(),
        "versions": environment.versions(),
        "machine": environment.machine(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seed": plan.seed,
        "examples": plan.examples,
        "specs": [spec.name for spec in plan.specs],
        "targets": [target.label for target in plan.targets],
    }
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    keeping = True
    written = None if report is None else JsonlReport(report, header)
    try:
        console = _progress_console()
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("loading frameworks", total=None)
            progress.update(bar, total=case_count(plan))

            def on_case(spec: Spec, target: Target) -> None:
                progress.update(bar, advance=1, description=spec.name)

            for verdict in verify(plan, on_case):
                verdicts.append(verdict)
                keeping = keeping and _keep_counterexample(verdict)
                if written is not None:
                    written.write(verdict)
        if written is not None and report is not None:
            written.finish(time.perf_counter() - started)
            try:
                junit.write(report / "junit.xml", verdicts)
            except OSError as error:
                raise UnwritableReport(f"report: cannot write to {str(report)!r}: {error.strerror}") from error
    finally:
        if written is not None:
            written.__exit__(None, None, None)


def _progress_console() -> Console:
    """Standard error, taken now: while targets run, sys.stderr is held back."""
    return Console(file=typer.get_text_stream("stderr"), highlight=False)


def _specs(names: list[str] | None) -> tuple[Spec, ...]:
    known = catalogue()
    for name in names or ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`conformance list` shows them all"
            raise UnknownChoice(f"spec: expected the name of a specification, got {name!r}; {hint}")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def _keep_counterexample(verdict: Verdict) -> bool:
    """Keep it, or say once that it cannot be kept."""
    if verdict.counterexample is not None:
        try:
            counterexamples.keep(verdict.counterexample)
        except OSError as error:
            _err.print(f"Counterexamples could not be kept in {counterexamples.FOLDER}: {error.strerror}.", soft_wrap=True)
            return False
    return True


def _stop(message: str) -> NoReturn:
    _err.print(message, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(COULD_NOT_RUN)
