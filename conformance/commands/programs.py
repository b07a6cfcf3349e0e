"""`conformance programs`: an implementation's compiled programs, for machines where its framework is not."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from conformance.commands.options import chosen_specs
from conformance.commands.process import INTERRUPTED, err, out
from conformance.commands.progress import progress_bar
from conformance.programs.exporting.export import CASES, DTYPES, Exported, export, write
from conformance.targets.target import check_choices

app = typer.Typer(help="Compiled programs for machines that have an accelerator and no framework.", no_args_is_help=True)


@app.callback()
def _group() -> None: ...  # so that `export` stays a command of its own


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")],
    specs: Annotated[list[str] | None, typer.Argument(metavar="[SPEC]...", help="Specifications; all by default.")] = None,
    dtype: Annotated[
        list[str] | None, typer.Option("--dtype", help="float64 or float32; both by default.", metavar="DTYPE")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws other cases.")] = 0,
    cases: Annotated[int, typer.Option(min=1, help="Drawn cases a formula; a model gets half as many.")] = CASES,
) -> None:
    """Write the XLA programs of impl_tf, with inputs, expected values and error budgets; `python -m conformance.programs run DIR` runs them.

    Nothing is written before all is made. What no program can compute is listed in the manifest, each with its reason.
    """
    started = time.perf_counter()
    dtypes = check_choices("dtype", dtype or DTYPES, DTYPES)
    chosen, made = chosen_specs(specs), list[Exported]()
    try:
        with progress_bar(24) as progress:
            bar = progress.add_task("loading frameworks", total=len(chosen) * len(dtypes))
            for exported in export(chosen, dtypes, seed, cases):
                made.append(exported)
                progress.update(bar, advance=1, description=exported.file.spec)
            manifest = write(folder, made, seed)
    except KeyboardInterrupt:
        err.print(f"Interrupted after {len(made)} files; nothing was written.", markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    programs, size = sum(entry.programs for entry in manifest.files), sum(entry.size for entry in manifest.files)
    elapsed = time.perf_counter() - started
    out.print(
        f"{folder}: {programs} programs in {len(manifest.files)} files, {size / 2**20:.1f} MiB, {elapsed:.0f} s.",
        markup=False,
        soft_wrap=True,
    )
    reasons = Counter(each.reason for each in manifest.not_exported)
    for reason, count in reasons.items():
        out.print(f"Not exported, {count} results: {reason}.", markup=False, soft_wrap=True)
