"""What a run leaves: lines that `conformance.reports.jsonl` reads. It writes them too, but knows the judge, which is not here.

While a run lasts its lines are in `report.unfinished.jsonl`; the footer turns that into `report.jsonl`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from conformance.errors import UnwritableReport
from conformance.programs.running.comparison import Comparison
from conformance.programs.running.folder import Manifest

SCHEMA = 1
FINISHED, UNFINISHED = "report.jsonl", "report.unfinished.jsonl"
OUTCOMES = ("passed", "failed", "errored", "unsupported", "not run")


@dataclass(frozen=True)
class Verdict:
    """What is said of one quantity of a specification on one device, over all its programs."""

    spec: str
    dtype: str
    device: str
    quantity: str
    outcome: str
    cases: int = 0
    failures: int = 0
    comparison: Comparison | None = None
    reason: str | None = None
    seconds: float = 0.0

    @property
    def wrong(self) -> bool:
        return self.outcome in ("failed", "errored")


class Report:
    """The report being written, or nothing without a folder. A context manager; without `finish` the report stays unfinished."""

    def __init__(self, folder: Path | None, manifest: Manifest, header: Mapping[str, Any]) -> None:
        self._folder, self._manifest = folder, manifest
        self._outcomes: Counter[str] = Counter()
        self._file: TextIO | None = None
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = (folder / UNFINISHED).open("w", encoding="utf-8")
            except OSError as error:
                raise self._unwritable(error) from error
        self._line({"kind": "header", "schema": SCHEMA, **header})

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def unfinished(self) -> Path | None:
        """Where the lines are until the report is finished."""
        return None if self._folder is None else self._folder / UNFINISHED

    def write(self, verdict: Verdict) -> None:
        """Add a verdict; it is on disk when this returns."""
        self._outcomes[verdict.outcome] += 1
        self._line(as_json(self._manifest, verdict))

    def finish(self, seconds: float) -> None:
        """Add the footer and give the report its final name."""
        conforms = not self._outcomes["failed"] and not self._outcomes["errored"]
        outcomes = {outcome: self._outcomes[outcome] for outcome in OUTCOMES}
        count = self._outcomes.total()
        self._line({"kind": "footer", "verdicts": count, "outcomes": outcomes, "conforms": conforms, "seconds": round(seconds, 3)})
        if self._file is not None and self._folder is not None:
            try:
                self._file.close()
                (self._folder / UNFINISHED).replace(self._folder / FINISHED)
            except OSError as error:
                raise self._unwritable(error) from error

    def _line(self, content: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(content, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> UnwritableReport:
        return UnwritableReport(f"report: cannot write to {str(self._folder)!r}: {error.strerror}")


def as_json(manifest: Manifest, verdict: Verdict) -> dict[str, Any]:
    """The fields of a verdict of `conformance verify`. Nothing is diagnosed, shrunk or reproduced where there is no reference."""
    comparison = verdict.comparison
    worst = None if comparison is None else comparison.worst
    used = None if comparison is None or math.isinf(comparison.budget_used) else comparison.budget_used
    return {
        "kind": "verdict",
        "spec": verdict.spec,
        "target": manifest.target,
        "module": manifest.module,
        "framework": manifest.framework,
        "device": verdict.device,
        "dtype": verdict.dtype,
        "mode": "compiled",
        "quantity": verdict.quantity,
        "outcome": verdict.outcome,
        "cases": verdict.cases,
        "failures": verdict.failures,
        "budget_used": used,
        "worst": None if worst is None else {key: _number(value) for key, value in asdict(worst).items()},
        "reason": verdict.reason,
        "without_values": False,
        "not_offered": {},
        "remarks": [],
        "diagnosis": None,
        "reproduce": None,
        "counterexample": None,
        "seconds": round(verdict.seconds, 4),
    }


def _number(value: Any) -> Any:
    """JSON has no NaN and no infinity: they become the strings "nan", "inf" and "-inf"."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
