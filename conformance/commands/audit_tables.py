"""What `conformance audit` prints: tables, and the sentences under them."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence

from rich.table import Table

from conformance.audit.diagnosis_accuracy import DiagnosedMistake, Figures
from conformance.audit.kill_matrix import MatrixRow, condemned, idle_checks, margins, refuted, survivors
from conformance.commands.process import out
from reference.specification import Spec

# Median number of cases that may pass until a mistake is caught.
MEDIAN_CASES = 5


def rows_table(rows: Sequence[MatrixRow]) -> Table:
    """What was caught, how soon, and how far right and wrong lie apart."""
    table = Table(box=None, pad_edge=False, title_justify="left", header_style="bold")
    for name in ("specification", "dtype"):
        table.add_column(name, no_wrap=True)
    for name in ("caught", "first at"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("rewrites", "widest", "narrowest"):
        table.add_column(name, justify="right", no_wrap=True)
    for margin in margins(rows):
        here = [f for f in rows if (f.spec, f.dtype) == (margin.spec, margin.dtype) and f.entry.kind != "rewrite"]
        firsts = [row.first.case for row in here if row.first is not None]
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


def say_rows(
    rows: Sequence[MatrixRow], enduring: Sequence[MatrixRow], specs: Sequence[Spec], seeds: int, whole: bool = True
) -> bool:
    """The sentences under the table; whether everything holds. Of an audit that was not finished no check is called idle."""
    wrong = {f.entry.id: f.entry for f in rows if f.entry.kind != "rewrite"}
    alive, failed = survivors(rows), [*condemned(rows), *condemned(enduring)]
    shown = [name for name, entry in wrong.items() if entry.because is None]
    firsts = [row.first.case for row in rows if row.entry.id in shown and row.first and row.dtype == "float64"]
    kinds = [sum(entry.kind == kind for entry in wrong.values()) for kind in ("fault", "variant")]
    out.print(
        f"\n{len(shown) - len(alive)} of {len(shown)} mistakes and variants caught ({kinds[0]} mistakes, {kinds[1]} variants); "
        f"median cases to the first catch {statistics.median(firsts) if firsts else 0:g}.",
        soft_wrap=True,
    )
    rewrites = {f.entry.id for f in rows if f.entry.kind == "rewrite"}
    over = f", {seeds} seeds" if whole else "; the seeds were not finished"
    out.print(f"{len({row.entry.id for row in failed})} of {len(rewrites)} correct rewrites failed{over if seeds else ''}.")
    for entry in alive:
        out.print(f"  survives: {entry.id} ({entry.specs[0]}): {entry.sentence}", style="red", soft_wrap=True)
    for row in failed:
        first = row.first
        assert first is not None
        out.print(
            f"  fails though correct: {row.entry.id} on {row.spec} {row.dtype}, {first.quantity}, case {first.case}, "
            f"{row.largest_use:.3g} × the budget",
            style="red",
            soft_wrap=True,
        )
    for entry in wrong.values():
        if entry.because is not None:
            out.print(f"  equivalent: {entry.id}: {entry.because}", style="dim", soft_wrap=True)
    wrongly = refuted(rows)
    for row in wrongly:
        out.print(f"  caught though called equivalent: {row.entry.id} on {row.spec}", style="red", soft_wrap=True)
    idle = idle_checks(rows, specs) if whole else []
    for name, quantity in idle:
        out.print(f"  catches nothing: {name} {quantity}", style="red", soft_wrap=True)
    closed = [margin for margin in margins(rows) if margin.closed]
    for margin in closed:
        out.print(f"  margin closed: {margin.spec} {margin.dtype}", style="red")
    return not (alive or failed or closed or wrongly or idle) and (statistics.median(firsts) if firsts else 0) <= MEDIAN_CASES


def figures_table(rows: Sequence[Figures]) -> Table:
    """How often the mistake that was made is named first, how often both of two; pairs of which one hides the other; and how long it takes."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("diagnosis", no_wrap=True)
    for name in ("one named", "both named", "hidden", "median", "longest"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.what,
            _share(row.singles),
            _share(row.seen),
            str(len(row.pairs) - len(row.seen)) if row.pairs else "–",
            f"{statistics.median(row.seconds):.2f} s",
            f"{max(row.seconds):.2f} s",
            style=None if row.kept else "red",
        )
    return table


def _share(mistakes: Sequence[DiagnosedMistake]) -> str:
    named = sum(mistake.named for mistake in mistakes)
    return f"{named}/{len(mistakes)} ({named / len(mistakes):.1%})" if mistakes else "–"


def say_figures(rows: Sequence[Figures]) -> bool:
    """What was not named; whether as much was as is promised."""
    for row in rows:
        for mistake in (*row.singles, *row.seen):
            if not mistake.named:
                out.print(
                    f"  not named: {' with '.join(mistake.made)} ({mistake.spec} {mistake.quantity}): {mistake.sentence}",
                    style="dim",
                    soft_wrap=True,
                )
    return all(row.kept for row in rows)


def matrix_of(rows: Sequence[MatrixRow]) -> str:
    """Entry × check: at which case it was caught first; empty if it was not."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    quantities = ("value", "gradient", "activations", "training")
    writer.writerow(["id", "kind", "specification", "dtype", *quantities, "first flag", "cases", "largest use of the budget"])
    for row in rows:
        kills = {kill.quantity: kill.case for kill in row.kills}
        cells = [row.entry.id, row.entry.kind, row.spec, row.dtype, *(kills.get(q, "") for q in quantities)]
        writer.writerow([*cells, row.first.flag if row.first else "", row.cases, f"{row.largest_use:.4g}"])
    return text.getvalue()
