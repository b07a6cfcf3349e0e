"""`conformance claims`: measure the lecture's claims, print a table, write the page. It always ends well where it could run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from conformance.claims import catalogue, measurements
from conformance.claims.claim import Experiment, Outcome
from conformance.claims.claims_page import Header, claims_page
from conformance.claims.laboratory import FRAMEWORKS
from conformance.claims.measuring import Measurement, Series, measure, outcomes, refuse_few, usable
from conformance.claims.outcome_table import outcome_table
from conformance.claims.pictures import load_pictures
from conformance.claims.wording import NAMES
from conformance.commands.process import INTERRUPTED, err, stop
from conformance.commands.process import out as console
from conformance.commands.progress import progress_bar
from conformance.errors import UnknownChoice, UnwritableFile
from conformance.files import write_atomically
from conformance.targets import environment

_SEEDS = 5


def claims_command(
    claim: Annotated[list[str] | None, typer.Option("--claim", help="A claim; all by default.", metavar="ID")] = None,
    framework: Annotated[
        list[str] | None, typer.Option("--framework", help="tf or torch; both by default.", metavar="FRAMEWORK")
    ] = None,
    seeds: Annotated[int, typer.Option(min=2, max=1000, help="How often each experiment is run.")] = _SEEDS,
    data: Annotated[
        str | None,
        typer.Option(help="Folder with IDX files, or mnist, or fashion_mnist; the digits by default.", metavar="DIR"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the page there, as Markdown.", metavar="FILE")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again what was measured before.")] = False,
) -> None:
    """Measure the lecture's claims on real data: effect, interval, and whether each holds here."""
    claims, names = catalogue.chosen(claim or ()), _frameworks(framework)
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise UnwritableFile(f"out: expected a file in a folder that exists, got {str(out)!r}")
    pictures = load_pictures(data)
    refuse_few(pictures)
    measured: list[Measurement] = []
    count = None
    try:
        frameworks, missing = usable(names)
        for name, reason in missing.items():
            err.print(f"{NAMES[name]} not run: {reason}", markup=False, style="yellow", soft_wrap=True)
        if not frameworks:
            stop("framework: expected at least one that can be used, found none")
        series = Series(claims, frameworks, pictures, seeds, fresh)
        count = series.count
        _run(series, measured)
    except KeyboardInterrupt:
        of = "" if count is None else f" of {count}"
        kept = sum(m.kept for m in measured)
        err.print(
            f"Interrupted after {len(measured)}{of} measurements; {kept} are kept in {measurements.FOLDER}, and the same command "
            "without --fresh goes on from there.",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    if not all(m.kept for m in measured):
        err.print(f"Measurements could not be kept in {measurements.FOLDER}; another run will make them again.", soft_wrap=True)
    results = outcomes(series, measured)
    console.print(outcome_table(results), crop=False)
    console.print(_summary(results, pictures.name, seeds), markup=False)
    if out is not None:
        header = Header(_command(claim, framework, seeds, data, out), environment.versions(), pictures, seeds, tuple(missing))
        try:
            write_atomically(out, claims_page(header, results))
        except OSError as error:
            stop(f"out: cannot write to {str(out)!r}: {error.strerror}")
        console.print(f"Written to {out}.", markup=False, soft_wrap=True)


def _run(series: Series, measured: list[Measurement]) -> None:
    """Fill `measured` as they come, with a progress bar on standard error."""
    with progress_bar(26) as progress:
        bar = progress.add_task("loading data", total=series.count)

        def on_start(experiment: Experiment, framework: str, seed: int) -> None:
            progress.update(bar, description=f"{experiment.name}, {framework}, seed {seed}")

        for measurement in measure(series, on_start):
            measured.append(measurement)
            progress.advance(bar)


def _frameworks(names: Sequence[str] | None) -> tuple[str, ...]:
    for name in names or ():
        if name not in FRAMEWORKS:
            raise UnknownChoice(f"framework: expected {' or '.join(FRAMEWORKS)}, got {name!r}")
    return tuple(name for name in FRAMEWORKS if not names or name in names)


def _summary(results: Sequence[Outcome], data: str, seeds: int) -> str:
    counts = Counter(outcome.verdict for outcome in results)
    verdicts = ", ".join(
        f"{counts[verdict]} {verdict}" for verdict in ("holds", "does not hold here", "undecided") if counts[verdict]
    )
    return f"\nClaims on {data} with {seeds} seeds: {verdicts}."


def _command(claim: Sequence[str] | None, framework: Sequence[str] | None, seeds: int, data: str | None, out: Path) -> str:
    """The command as the page shows it, without folders of this machine."""
    words = ["conformance claims", *(f"--claim {c}" for c in claim or ()), *(f"--framework {f}" for f in framework or ())]
    words += [f"--seeds {seeds}"] if seeds != _SEEDS else []
    words += [f"--data {Path(data).name}"] if data is not None else []
    return " ".join([*words, f"--out {out.name if out.is_absolute() else out.as_posix()}"])
