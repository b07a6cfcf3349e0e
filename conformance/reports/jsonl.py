"""The report itself, written and read: a header, one verdict a line, a footer. Everything else is made from it.

While a run lasts its lines are in `report.unfinished.jsonl`; the footer turns that into `report.jsonl`. So an interrupted run keeps its
results, is marked unfinished by its name and by the missing footer, and an earlier finished report is not lost.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from conformance.cases.case import Case, plain
from conformance.errors import UnreadableReport, UnwritableReport
from conformance.judging.compare import Worst
from conformance.judging.verdicts import OUTCOMES, Verdict, conforms
from conformance.respondent.printable import one_line

Line = dict[str, Any]

SCHEMA = 1
FINISHED, UNFINISHED = "report.jsonl", "report.unfinished.jsonl"


@dataclass(frozen=True)
class Report:
    """What `conformance verify --report` wrote: how it was made, what was said of every target, how it ended."""

    header: Line
    verdicts: tuple[Line, ...]
    footer: Line


class JsonlReport:
    """A report being written. A context manager: leaving it without `finish` leaves the report unfinished."""

    def __init__(self, folder: Path, header: dict[str, Any]) -> None:
        self.folder = folder
        self._verdicts: list[Verdict] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = (folder / UNFINISHED).open("w", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from error
        self._header = {"kind": "header", "schema": SCHEMA, **header}
        self._line(self._header)

    def __enter__(self) -> JsonlReport:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def write(self, verdict: Verdict) -> None:
        """Add a verdict; it is on disk when this returns."""
        self._verdicts.append(verdict)
        self._line(as_json(verdict))

    def finish(self, seconds: float, in_order: Sequence[Verdict] | None = None) -> Path:
        """Add the footer and give the report its final name; the verdicts `in_order`, if they came in another."""
        if in_order is not None and list(in_order) != self._verdicts:
            self._write_again(in_order)
        counts = Counter(verdict.outcome for verdict in self._verdicts)
        self._line(
            {
                "kind": "footer",
                "verdicts": len(self._verdicts),
                "outcomes": {outcome: counts[outcome] for outcome in OUTCOMES},
                "conforms": conforms(self._verdicts),
                "seconds": round(seconds, 3),
            }
        )
        try:
            self._file.close()
            return (self.folder / UNFINISHED).replace(self.folder / FINISHED)
        except OSError as error:
            raise self._unwritable(error) from error

    def _write_again(self, verdicts: Sequence[Verdict]) -> None:
        """The same lines in another order, beside the old ones until they are all there."""
        path = self.folder / UNFINISHED
        beside = path.with_suffix(".new")
        try:
            self._file.close()
            self._file = beside.open("w", encoding="utf-8")
            for line in (self._header, *map(as_json, verdicts)):
                self._line(line)
            beside.replace(path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _line(self, content: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(content, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> UnwritableReport:
        return UnwritableReport(f"report: cannot write to {str(self.folder)!r}: {error.strerror}")


def as_json(verdict: Verdict) -> dict[str, Any]:
    """One line of the report. A budget exceeded without measure (a wrong shape, an exception) is null, with the reason beside it."""
    target, case = verdict.target, verdict.counterexample
    return {
        "kind": "verdict",
        "spec": verdict.spec,
        "target": target.name,
        "module": target.module,
        "framework": target.framework,
        "device": target.device,
        "dtype": target.dtype,
        "mode": target.mode,
        "quantity": verdict.quantity,
        "outcome": verdict.outcome,
        "cases": verdict.cases,
        "failures": verdict.failures,
        "budget_used": _number(verdict.budget_used) if verdict.budget_used != math.inf else None,
        "worst": None if verdict.worst is None else _worst(verdict.worst),
        "reason": verdict.reason,
        "without_values": verdict.without_values,
        "not_offered": dict(verdict.not_offered),
        "remarks": [asdict(remark) for remark in verdict.remarks],
        "diagnosis": None if verdict.diagnosis is None else asdict(verdict.diagnosis),
        "reproduce": verdict.reproduce,
        "counterexample": None if case is None else {"id": case.id, "flags": list(case.flags), "inputs": _small(case)},
        "seconds": round(verdict.seconds, 4),
    }


def _worst(worst: Worst) -> dict[str, Any]:
    return {
        "name": worst.name,
        "index": list(worst.index),
        "actual": _number(worst.actual),
        "expected": _number(worst.expected),
        "allowed": _number(worst.allowed),
    }


def _number(value: Any) -> Any:
    """JSON has no NaN and no infinity: they become the strings "nan", "inf" and "-inf"."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _small(case: Case) -> Any:
    """The inputs in full where they are small; a model's weights and batches stay in the counterexample file."""
    return {"configuration": plain(case.model.configuration)} if case.holds_model else plain(dict(case.inputs))


def read_report(folder: Path) -> Report:
    """The report in a folder.

    Raises:
        UnreadableReport: there is none, it is unfinished, damaged, or of another schema.
    """
    path = folder / FINISHED
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        unfinished = " of a finished run; the one there was interrupted" if (folder / UNFINISHED).is_file() else ""
        why = "" if unfinished else f" ({getattr(error, 'strerror', None) or 'it is no text'})"
        raise UnreadableReport(f"report: expected {FINISHED} in {str(folder)!r}{unfinished}{why}") from error
    try:
        header, *verdicts, footer = [json.loads(line) for line in text.splitlines()]
        kinds = (header["kind"], {verdict["kind"] for verdict in verdicts} | {"verdict"}, footer["kind"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableReport(f"report: expected a header, verdicts and a footer in {str(path)!r}, got something else") from error
    if kinds != ("header", {"verdict"}, "footer") or footer["verdicts"] != len(verdicts):
        raise UnreadableReport(f"report: expected a header, verdicts and a footer in {str(path)!r}, got something else")
    if header.get("schema") != SCHEMA:
        raise UnreadableReport(f"report: expected schema {SCHEMA} in {str(path)!r}, got {header.get('schema')!r}")
    return Report(header, tuple(verdicts), footer)


def read_failures(report: Path) -> Iterator[Line]:
    """The verdicts that have a counterexample, of the report in a folder or in this file, which may be unfinished.

    Raises:
        UnreadableReport: no report, or a damaged one.
    """
    report = report / FINISHED if report.is_dir() else report
    try:
        lines = report.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UnreadableReport(f"report: {report} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnreadableReport(f"report: {report} is damaged: {one_line(str(error))}") from error
    header = _entry(lines[0]) if lines else None
    if header is None or header.get("kind") != "header" or header.get("schema") != SCHEMA:
        raise UnreadableReport(f"report: expected a report.jsonl of `conformance verify` with schema {SCHEMA}, got {report}")
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None:
            raise UnreadableReport(f"report: {report} is damaged: line {number} is no JSON object")
        if entry.get("kind") == "verdict" and entry.get("counterexample"):
            yield entry


def _entry(line: str) -> Line | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
