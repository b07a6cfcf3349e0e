"""The report folder of a run: report.jsonl while it lasts, junit.xml at its end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.errors import UnwritableReport
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Verdict
from conformance.reports import junit
from conformance.reports.jsonl import JsonlReport
from conformance.targets import environment


class ReportFolder:
    """What is written of a run. Nothing is, without a folder.

    A folder that cannot be used is refused at once. What goes wrong later, a full disk for example, is kept as `problem`: the
    verdicts are worth more than the report.
    """

    def __init__(self, folder: Path | None, plan: Plan) -> None:
        self.folder = folder
        self.problem: str | None = None
        self._lines = None if folder is None else JsonlReport(folder, _header(plan))

    def write(self, verdict: Verdict) -> None:
        """Add a verdict."""
        if self._lines is not None and self.problem is None:
            try:
                self._lines.write(verdict)
            except UnwritableReport as error:
                self.problem = str(error)

    def finish(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Add the footer, and JUnit beside it; all verdicts are given again, in the order in which they shall stand."""
        if self._lines is None or self.folder is None or self.problem is not None:
            return
        try:
            self._lines.finish(seconds, verdicts)
            junit.write(self.folder / "junit.xml", verdicts)
        except UnwritableReport as error:
            self.problem = str(error)
        except OSError as error:
            self.problem = f"report: cannot write {str(self.folder / 'junit.xml')!r}: {error.strerror}"

    def close(self) -> None:
        """Leave it as it is; without `finish` it is unfinished."""
        if self._lines is not None:
            self._lines.__exit__(None, None, None)


def _header(plan: Plan) -> dict[str, Any]:
    return {
        "version": environment.own_version(),
        "suite": environment.suite(),
        "versions": environment.versions(),
        "machine": environment.machine({target.device for target in plan.targets}),
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seed": plan.seed,
        "examples": plan.examples,
        "images": "digits" if plan.images is None else plan.images.name,
        "compiled_examples": plan.compiled_examples,
        "specs": [spec.name for spec in plan.specs],
        "targets": [target.label for target in plan.targets],
    }
