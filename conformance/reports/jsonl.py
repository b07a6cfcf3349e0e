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
from conformance.files import write_atomically
from conformance.judging.compare import Worst
from conformance.judging.verdicts import OUTCOMES, Verdict, conforms
from conformance.respondent.printable import one_line

Line = dict[str, Any]

SCHEMA = 1
FINISHED, UNFINISHED = "report.jsonl", "report.unfinished.jsonl"
# What every reader relies on, by kind of line; "nan" and "inf" are texts. What else stands in a line may be missing in one of another version.
_NUMBER, _MAYBE, _NOT_FINITE = (int, float), (int, float, str, type(None)), ("nan", "inf", "-inf")
_KEYS: dict[str, dict[str, tuple[type, ...]]] = {
    "header": {"versions": (dict,), "machine": (str,), "started": (str,), "seed": (int,)},
    "verdict": {
        **dict.fromkeys(("spec", "target", "device", "dtype", "mode", "quantity", "outcome"), (str,)),
        "cases": (int,),
        "budget_used": _MAYBE,
        "reason": (str, type(None)),
    },
    "footer": {"verdicts": (int,), "conforms": (bool,), "seconds": _NUMBER},
}
# What may be missing, but is nothing else where it is there.
_NONE = type(None)
_OPTIONAL: dict[str, tuple[type, ...]] = {
    "module": (str,),
    "reproduce": (str, _NONE),
    "remarks": (list,),
    "parts": (list,),
    "without_values": (bool,),
    **dict.fromkeys(("not_offered", "ran_with"), (dict,)),
    **dict.fromkeys(("worst", "diagnosis", "counterexample"), (dict, _NONE)),
}


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


def read_report(place: Path) -> Report:
    """The report in a folder, or in this file.

    Raises:
        UnreadableReport: there is none, it is unfinished, damaged, or of another schema.
    """
    path = place if place.is_file() else place / FINISHED
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        unfinished = " of a finished run; the one there was interrupted" if (place / UNFINISHED).is_file() else ""
        why = "" if unfinished else f" ({getattr(error, 'strerror', None) or 'it is no text'})"
        raise UnreadableReport(f"report: expected {FINISHED} in {str(place)!r}{unfinished}{why}") from error
    entries = [_entry(line) for line in text.splitlines()]
    kinds = [entry.get("kind") if entry is not None else None for entry in entries]
    if len(entries) < 2 or kinds != ["header", *["verdict"] * (len(entries) - 2), "footer"]:
        raise UnreadableReport(f"report: expected a header, verdicts and a footer in {str(path)!r}, got something else")
    header, *verdicts, footer = [entry for entry in entries if entry is not None]
    if header.get("schema") != SCHEMA:
        raise UnreadableReport(f"report: expected schema {SCHEMA} in {str(path)!r}, got {header.get('schema')!r}")
    for number, entry in enumerate((header, *verdicts, footer), start=1):
        if (key := strange_key(entry)) is not None:
            raise UnreadableReport(f"report: line {number} of {str(path)!r} is none that `conformance verify` writes: {key}")
    if footer["verdicts"] != len(verdicts):
        raise UnreadableReport(
            f"report: expected {footer['verdicts']} verdicts in {str(path)!r}, as its end says, got {len(verdicts)}"
        )
    return Report(header, tuple(verdicts), footer)


def write_report(folder: Path, report: Report) -> Path:
    """Write a finished report at once.

    Raises:
        UnwritableReport: the folder cannot be written.
    """
    path = folder / FINISHED
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = (report.header, *report.verdicts, report.footer)
        write_atomically(path, "".join(json.dumps(line, allow_nan=False) + "\n" for line in lines))
    except OSError as error:
        raise UnwritableReport(f"report: cannot write to {str(folder)!r}: {error.strerror}") from error
    return path


def strange_key(entry: Line) -> str | None:
    """The first key of a line that is missing or holds what no run writes; None if all are right."""
    for key, kinds in _KEYS.get(entry["kind"], {}).items():
        if key not in entry:
            return f"{key} is missing"
        if not isinstance(entry[key], kinds) or (isinstance(entry[key], bool) and bool not in kinds):
            return f"{key} is {entry[key]!r:.60}"
    for key, kinds in _OPTIONAL.items():
        if key in entry and not isinstance(entry[key], kinds):
            return f"{key} is {entry[key]!r:.60}"
    if entry["kind"] != "verdict":
        return None
    if entry["outcome"] not in OUTCOMES:
        return f"outcome is {entry['outcome']!r:.60}"
    if isinstance(entry["budget_used"], str) and entry["budget_used"] not in _NOT_FINITE:
        return f"budget_used is {entry['budget_used']!r:.60}"
    if not all(isinstance(r, dict) and isinstance(r.get("form"), str) for r in entry.get("remarks", ())):
        return f"remarks is {entry['remarks']!r:.60}"
    return None


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
        entry = json.loads(line, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _finite(text: str) -> float:
    """A number as it is written; what is no number in JSON, or too large for one, is in no line that a run writes."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number, got {text}")
    return number
