"""`conformance audit`: what the checks are worth."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from threadpoolctl import threadpool_limits

import conformance.derivation.catalogue  # noqa: F401  (fills the catalogue)
from conformance.audit.diagnosis_accuracy import DiagnosedMistake, expected_count, figures, name_all
from conformance.audit.kill_matrix import MatrixRow, audit, endurance, enduring_count, second_chances
from conformance.commands.audit_adequacy import say_adequacy
from conformance.commands.audit_mutants import OWN_PACKAGES, say_mutants
from conformance.commands.audit_tables import figures_table, matrix_of, rows_table, say_figures, say_rows
from conformance.commands.options import SpecOption, chosen_specs
from conformance.commands.process import CONFORMS, DIFFERS, INTERRUPTED, err, out, stop
from conformance.commands.progress import progress_bar
from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault
from conformance.files import write_atomically
from conformance.judging.plan import EXAMPLES
from reference.specification import Spec


@dataclass
class _Known:
    """What an audit has found so far."""

    rows: list[MatrixRow] = field(default_factory=list)
    enduring: list[MatrixRow] = field(default_factory=list)
    mistakes: list[tuple[str, DiagnosedMistake]] = field(default_factory=list)


def audit_command(
    spec: SpecOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws other cases.")] = 0,
    examples: Annotated[int, typer.Option(min=8, help="Drawn cases a formula; a model gets an eighth.")] = EXAMPLES,
    seeds: Annotated[int, typer.Option(min=0, help="Also run every correct rewrite over this many seeds.")] = 0,
    diagnosis: Annotated[bool, typer.Option("--diagnosis", help="Also say how well mistakes are named, and how fast.")] = False,
    mutants: Annotated[int, typer.Option(min=0, help="Instead run so many generated mutants; --seed draws others.")] = 0,
    adequacy: Annotated[
        bool, typer.Option("--adequacy", help="Instead say what the default cases reach, and what they do not.")
    ] = False,
    package: Annotated[list[str] | None, typer.Option(help="Of these packages; by default the three.", metavar="NAME")] = None,
    matrix: Annotated[Path | None, typer.Option(help="Write the kill matrix to this CSV file.", metavar="FILE")] = None,
) -> None:
    """Run all known mistakes, variants and correct rewrites: every mistake must be caught, every rewrite pass."""
    specs = chosen_specs(spec)
    if mutants:
        raise typer.Exit(CONFORMS if say_mutants(package or OWN_PACKAGES, specs, mutants, seed, examples) else DIFFERS)
    if adequacy:
        raise typer.Exit(CONFORMS if say_adequacy(specs, seed, examples) else DIFFERS)
    chosen = [entry for entry in entries().values() if any(s.name in entry.specs for s in specs)]
    started, known, interrupted = time.perf_counter(), _Known(), False
    try:
        _run(known, chosen, specs, seed, examples, seeds, diagnosis)
    except KeyboardInterrupt:
        interrupted = True
    if matrix is not None:
        try:
            write_atomically(matrix, matrix_of(known.rows))
        except OSError as error:
            stop(f"matrix: cannot write {str(matrix)!r}: {error.strerror}")
    sound = True
    if known.rows:
        out.print(rows_table(known.rows))
        sound = say_rows(known.rows, known.enduring, specs, seeds, whole=not interrupted)
    if known.mistakes:
        out.print(figures_table(figures(known.mistakes)))
        sound &= say_figures(figures(known.mistakes))
    out.print(f"{time.perf_counter() - started:.0f} s", style="dim")
    if interrupted:
        err.print("Interrupted: this is what was known until then.", soft_wrap=True)
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(CONFORMS if sound else DIFFERS)


def _run(
    known: _Known, chosen: list[Fault], specs: tuple[Spec, ...], seed: int, examples: int, seeds: int, diagnosis: bool
) -> None:
    """Fill `known`, with a bar for each part that shows what is left."""
    with threadpool_limits(1), progress_bar(36) as progress:
        bar = progress.add_task("", total=len(chosen))

        def on(name: str) -> None:
            progress.update(bar, advance=1, description=name)

        for row in audit(chosen, specs, seed, examples, lambda entry: on(entry.id)):
            known.rows.append(row)
        known.rows.extend(second_chances(chosen, specs, known.rows, seed, examples))
        if seeds:
            bar = progress.add_task("", total=enduring_count(chosen, specs, seeds))
            for row in endurance(chosen, specs, seeds, on):
                known.enduring.append(row)
        if diagnosis:
            bar = progress.add_task("", total=expected_count(chosen, specs))
            for row, mistake in name_all(chosen, specs, seed, examples, on):
                known.mistakes.append((row, mistake))
