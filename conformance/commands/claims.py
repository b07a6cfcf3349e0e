"""`conformance claims`: measure the lecture's claims, print a table, write the page. It always ends well where it could run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from conformance.cases.image_files import UnreadableData
from conformance.claims import catalogue, measurements
from conformance.claims.catalogue import UnknownClaim
from conformance.claims.claim import Experiment, Outcome
from conformance.claims.laboratory import FRAMEWORKS
from conformance.claims.measuring import Measurement, Series, measure, outcomes, refuse_few, usable
from conformance.claims.page import Header, page
from conformance.claims.pictures import load_pictures
from conformance.claims.table import table
from conformance.claims.wording import NAMES
from conformance.files import write_atomically
from conformance.targets import environment

COULD_NOT_RUN, INTERRUPTED = 2, 130
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def claims_command(
    claim: Annotated[list[str] | None, typer.Option("--claim", help="A claim; all by default.", metavar="ID")] = None,
    framework: Annotated[
        list[str] | None, typer.Option("--framework", help="tf or torch; both by default.", metavar="FRAMEWORK")
    ] = None,
    seeds: Annotated[int, typer.Option(min=2, max=1000, help="How often each experiment is run.")] = 5,
    data: Annotated[
        str | None,
        typer.Option(help="Folder with IDX files, or mnist, or fashion_mnist; the digits by default.", metavar="DIR"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the page there, as Markdown.", metavar="FILE")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again what was measured before.")] = False,
) -> None:
    """Measure the lecture's claims on real data: effect, interval, and whether each holds here."""
    try:
        claims, names = catalogue.chosen(claim or ()), _frameworks(framework)
        if out is not None and (out.is_dir() or not out.parent.is_dir()):
            raise ValueError(f"out: expected a file in a folder that exists, got {str(out)!r}")
        pictures = load_pictures(data)
        refuse_few(pictures)
    except UnreadableData as error:
        _stop(f"data: {error}")
    except (UnknownClaim, ValueError) as error:
        _stop(str(error))
    measured: list[Measurement] = []
    count = None
    try:
        found, missing = usable(names)
        for name, reason in missing.items():
            _err.print(f"{NAMES[name]} not run: {reason}", markup=False, style="yellow", soft_wrap=True)
        if not found:
            _stop("framework: expected at least one that can be used, found none")
        series = Series(claims, found, pictures, seeds, fresh)
        count = series.count
        _run(series, measured)
    except KeyboardInterrupt:
        of = "" if count is None else f" of {count}"
        kept = sum(m.kept for m in measured)
        _err.print(
            f"Interrupted after {len(measured)}{of} measurements; {kept} are kept in {measurements.FOLDER}, and the same command "
            "without --fresh goes on from there.",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    if not all(m.kept for m in measured):
        _err.print(f"Measurements could not be kept in {measurements.FOLDER}; another run will make them again.", soft_wrap=True)
    results = outcomes(series, measured)
    _out.print(table(results), crop=False)
    _out.print(_summary(results, pictures.name, seeds), markup=False)
    if out is not None:
        header = Header(_command(claim, framework, seeds, data, out), environment.versions(), pictures, seeds, tuple(missing))
        try:
            write_atomically(out, page(header, results))
        except OSError as error:
            _stop(f"out: cannot write to {str(out)!r}: {error.strerror}")
        _out.print(f"Written to {out}.", markup=False, soft_wrap=True)


def _run(series: Series, measured: list[Measurement]) -> None:
    """Fill `measured` as they come, with a progress bar on standard error."""
    console = Console(file=typer.get_text_stream("stderr"), highlight=False)
    columns = (TextColumn("{task.description:<26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("loading data", total=series.count)

        def on_start(experiment: Experiment, framework: str, seed: int) -> None:
            progress.update(bar, description=f"{experiment.name}, {framework}, seed {seed}")

        for measurement in measure(series, on_start):
            measured.append(measurement)
            progress.advance(bar)


def _frameworks(names: Sequence[str] | None) -> tuple[str, ...]:
    for name in names or ():
        if name not in FRAMEWORKS:
            raise ValueError(f"framework: expected {' or '.join(FRAMEWORKS)}, got {name!r}")
    return tuple(name for name in FRAMEWORKS if not names or name in names)


def _summary(results: Sequence[Outcome], data: str, seeds: int) -> str:
    counts = Counter(outcome.verdict for outcome in results)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("holds", "does not hold here", "undecided") if counts[verdict])
    return f"\nClaims on {data} with {seeds} seeds: {said}."


def _command(claim: Sequence[str] | None, framework: Sequence[str] | None, seeds: int, data: str | None, out: Path) -> str:
    """The command as the page shows it, without folders of this machine."""
    words = ["conformance claims", *(f"--claim {c}" for c in claim or ()), *(f"--framework {f}" for f in framework or ())]
    words += [f"--seeds {seeds}"] if seeds != 5 else []
    words += [f"--data {Path(data).name}"] if data is not None else []
    return " ".join([*words, f"--out {out.name if out.is_absolute() else out.as_posix()}"])


def _stop(message: str) -> NoReturn:
    _err.print(message, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(COULD_NOT_RUN)
