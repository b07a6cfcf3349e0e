"""`conformance audit --mutants`: how many generated mutants the default cases kill, and which survive."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from conformance.audit.mutation import Examination, PreparedCases, drawn, examined
from conformance.cases.kinds import kind_of
from conformance.commands.process import out, stop
from conformance.commands.progress import progress_bar
from conformance.judging.default_cases import DefaultCases
from conformance.respondent.frameworks import own_packages
from reference.specification import Spec

OWN_PACKAGES = ("reference", *own_packages())
_WIDTH = 36


def say_mutants(packages: Sequence[str], specs: Sequence[Spec], count: int, seed: int, examples: int) -> bool:
    """Run them and print every survivor as it is known; whether there is none."""
    for name in packages:
        if importlib.util.find_spec(name) is None:
            stop(f"package: expected one that can be imported, got {name!r}")
    mutants = drawn(packages, count, seed)
    examinations: list[Examination] = []
    with threadpool_limits(1), progress_bar(_WIDTH) as progress:
        for package in packages:
            mine = [mutant for mutant in mutants if mutant.module.partition(".")[0] == package]
            if not mine:
                continue
            cases = _prepared(package, specs, examples)
            bar = progress.add_task(package, total=len(mine))
            try:
                for examination in examined(package, mine, cases, len(os.sched_getaffinity(0))):
                    examinations.append(examination)
                    progress.update(bar, advance=1)
                    if examination.killed_by is None and examination.because is None:
                        out.print(_line(examination), markup=False, soft_wrap=True)
            except ValueError as error:
                stop(str(error))
    killed = sum(examination.killed_by is not None for examination in examinations)
    equivalent = sum(examination.because is not None for examination in examinations)
    share = (killed + equivalent) / max(1, len(examinations))
    out.print(f"{killed} of {len(examinations)} mutants killed, {equivalent} more proved equivalent ({share:.1%}).")
    return killed + equivalent == len(examinations)


def _prepared(package: str, specs: Sequence[Spec], examples: int) -> PreparedCases:
    """The default cases of every specification; the reference computes in float64 alone, and so do whole numbers."""
    prepared = {}
    for spec in specs:
        whole_numbers = spec.error_scale is None and not kind_of(spec).measured
        for dtype in ("float64",) if package == "reference" or whole_numbers else ("float64", "float32"):
            prepared[spec.name, dtype] = spec, list(DefaultCases(spec, dtype, 0, examples))
    return prepared


def _line(examination: Examination) -> str:
    why = "" if examination.reached and examination.applied else " (never met)" if examination.reached else " (no case runs it)"
    return f"survives{why}: {examination.mutant.sentence}"
