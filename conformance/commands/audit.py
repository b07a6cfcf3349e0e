"""`conformance audit`: what the checks are worth."""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from threadpoolctl import threadpool_limits

import reference  # noqa: F401  (fills the catalogue)
from conformance.commands.process import CONFORMS, DIFFERS, INTERRUPTED, out, stop
from conformance.faults.audit import Finding, all_specs, audit, condemned, endurance, idle_checks, margins, survivors
from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault
from conformance.files import write_atomically
from reference.specification import Spec


def audit_command(
    spec: Annotated[list[str] | None, typer.Option("--spec", help="A specification; all by default.", metavar="NAME")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws other cases.")] = 0,
    examples: Annotated[int, typer.Option(min=8, help="Drawn cases a formula; a model gets an eighth.")] = 100,
    seeds: Annotated[int, typer.Option(min=0, help="Also run every correct rewrite over this many seeds.")] = 0,
    matrix: Annotated[Path | None, typer.Option(help="Write the kill matrix to this CSV file.", metavar="FILE")] = None,
) -> None:
    """Run all known mistakes, variants and correct rewrites: every mistake must be caught, every rewrite pass."""
    known = {s.name: s for s in all_specs()}
    for name in spec or ():
        if name not in known:
            stop(f"spec: expected the name of a specification, got {name!r}; `conformance list` shows them all")
    specs = tuple(known[name] for name in dict.fromkeys(spec)) if spec else tuple(known.values())
    chosen = [entry for entry in entries().values() if any(s.name in entry.specs for s in specs)]
    started = time.perf_counter()
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    findings: list[Finding] = []
    enduring: list[Finding] = []
    try:
        console = Console(stderr=True)
        with threadpool_limits(1), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=len(chosen))

            def on_entry(entry: Fault) -> None:
                progress.update(bar, advance=1, description=entry.id)

            findings.extend(audit(chosen, specs, seed, examples, on_entry))
            if seeds:
                progress.update(bar, completed=0, total=None, description=f"rewrites over {seeds} seeds")
                enduring.extend(endurance(chosen, specs, seeds, lambda: progress.update(bar, advance=1)))
    except KeyboardInterrupt:
        Console(stderr=True).print(f"Interrupted after {len(findings)} findings.")
        raise typer.Exit(INTERRUPTED) from None
    if matrix is not None:
        try:
            write_atomically(matrix, _matrix(findings))
        except OSError as error:
            stop(f"matrix: cannot write {str(matrix)!r}: {error.strerror}")
    out.print(_table(findings))
    sound = _say(findings, enduring, specs, seeds)
    out.print(f"{time.perf_counter() - started:.0f} s", style="dim")
    raise typer.Exit(CONFORMS if sound else DIFFERS)


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left", header_style="bold")
    for name, justify in (("specification", "left"), ("dtype", "left"), ("caught", "right"), ("first at", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for name in ("rewrites", "widest", "narrowest"):
        table.add_column(name, justify="right", no_wrap=True)
    for margin in margins(findings):
        here = [f for f in findings if (f.spec, f.dtype) == (margin.spec, margin.dtype) and f.entry.kind != "rewrite"]
        firsts = [finding.first.case for finding in here if finding.first is not None]
        table.add_row(
            margin.spec,
            margin.dtype,
            f"{margin.faults}/{len(here)}",
            f"{statistics.median(firsts):g}" if firsts else "–",
            str(margin.rewrites),
            f"{margin.widest:.2g}" if margin.rewrites else "–",
            f"{margin.narrowest:.2g}" if margin.faults else "–",
            style="red" if margin.closed else None,
        )
    return table


def _say(findings: Sequence[Finding], enduring: Sequence[Finding], specs: Sequence[Spec], seeds: int) -> bool:
    """The sentences under the table; whether everything holds."""
    wrong = {f.entry.id: f.entry for f in findings if f.entry.kind != "rewrite"}
    alive, failed = survivors(findings), [*condemned(findings), *condemned(enduring)]
    shown = [name for name, entry in wrong.items() if entry.because is None]
    firsts = [min(f.first.case for f in findings if f.entry.id == name and f.first) for name in shown if name not in _ids(alive)]
    kinds = [sum(entry.kind == kind for entry in wrong.values()) for kind in ("fault", "variant")]
    out.print(
        f"\n{len(shown) - len(alive)} of {len(shown)} mistakes and variants caught ({kinds[0]} mistakes, {kinds[1]} variants); "
        f"median cases to the first catch {statistics.median(firsts) if firsts else 0:g}.",
        soft_wrap=True,
    )
    rewrites = {f.entry.id for f in findings if f.entry.kind == "rewrite"}
    out.print(
        f"{len(_ids(f.entry for f in failed))} of {len(rewrites)} correct rewrites failed" + (f", {seeds} seeds." if seeds else ".")
    )
    for entry in alive:
        out.print(f"  survives: {entry.id} ({entry.specs[0]}): {entry.sentence}", style="red", soft_wrap=True)
    for finding in failed:
        first = finding.first
        assert first is not None
        out.print(
            f"  fails though correct: {finding.entry.id} on {finding.spec} {finding.dtype}, {first.quantity}, case {first.case}, "
            f"{finding.largest_use:.3g} × the budget",
            style="red",
            soft_wrap=True,
        )
    for entry in wrong.values():
        if entry.because is not None:
            out.print(f"  equivalent: {entry.id}: {entry.because}", style="dim", soft_wrap=True)
    for name, quantity in idle_checks(findings, specs):
        out.print(f"  catches nothing that nothing else catches first: {name} {quantity}", style="dim", soft_wrap=True)
    closed = [margin for margin in margins(findings) if margin.closed]
    for margin in closed:
        out.print(f"  margin closed: {margin.spec} {margin.dtype}", style="red")
    return not (alive or failed or closed)


def _ids(entries: object) -> set[str]:
    return {entry.id for entry in entries}  # type: ignore[attr-defined]


def _matrix(findings: Sequence[Finding]) -> str:
    """Entry × check: at which case it was caught first; empty if it was not."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    quantities = ("value", "gradient", "activations", "training")
    writer.writerow(["id", "kind", "specification", "dtype", *quantities, "first flag", "cases", "largest use of the budget"])
    for finding in findings:
        kills = {kill.quantity: kill.case for kill in finding.kills}
        row = [finding.entry.id, finding.entry.kind, finding.spec, finding.dtype, *(kills.get(q, "") for q in quantities)]
        writer.writerow([*row, finding.first.flag if finding.first else "", finding.cases, f"{finding.largest_use:.4g}"])
    return text.getvalue()
