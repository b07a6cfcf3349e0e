"""Several reports as one, from which each can be had again: what a machine has that another lacks, in one table.

The verdicts of all stand behind one header; each says of which `part` it is, and a part keeps its own header and footer. What one machine
could not run and another did is kept with its part, so that it counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from conformance.errors import UnreadableReport
from conformance.judging.verdicts import OUTCOMES
from conformance.reports.checks import Check, ambiguous_names, check_of
from conformance.reports.jsonl import Line, Report, strange_key
from conformance.respondent.printable import one_line

# What says that two runs asked the same; a report of exported programs does not say all of it.
_ASKED = {
    "version": "version of conformance",
    "suite": "suite",
    "seed": "seed",
    "examples": "examples",
    "compiled_examples": "compiled examples",
    "images": "images",
}


def merge(reports: Sequence[Report], names: Sequence[str]) -> Report:
    """One report of all; `names` are what they are called in a refusal.

    Raises:
        UnreadableReport: other suites, other seeds, or the same target judged on the same twice.
    """
    for report, name in zip(reports[1:], names[1:], strict=True):
        for key, words in _ASKED.items():
            first, other = reports[0].header, report.header
            if key in first and key in other and first[key] != other[key]:
                raise UnreadableReport(
                    f"report: expected {words} {first[key]!r:.60} in {name!r}, as in {names[0]!r}, got {other[key]!r:.60}"
                )
    named = [(part, name) for report, name in zip(reports, names, strict=True) for part in parts(report)]
    kept = _kept_once(named)
    verdicts: list[Line] = []
    entries: list[Line] = []
    for number, (part, _) in enumerate(named):
        apart = [[place, line] for place, line in enumerate(part.verdicts) if id(line) not in kept]
        entries.append({"header": part.header, "footer": part.footer, "apart": apart})
        verdicts += [{**line, "part": number} for line in part.verdicts if id(line) in kept]
    all_parts = [part for part, _ in named]
    return Report(_header(all_parts, entries), tuple(verdicts), _footer(all_parts, verdicts))


def parts(report: Report) -> tuple[Report, ...]:
    """The reports that were merged, as they were; the report itself where it is none of several.

    Raises:
        UnreadableReport: it says that it is merged, and is not.
    """
    entries = report.header.get("parts")
    if entries is None:
        return (report,)
    own: list[list[Line]] = [[] for _ in entries]
    for line in report.verdicts:
        number = line.get("part")
        if not isinstance(number, int) or not 0 <= number < len(own):
            raise UnreadableReport(f"report: expected every verdict of a merged report to say its part, got {number!r:.60}")
        own[number].append({key: value for key, value in line.items() if key != "part"})
    return tuple(_part(entry, lines) for entry, lines in zip(entries, own, strict=True))


def _part(entry: Any, verdicts: list[Line]) -> Report:
    right = isinstance(entry, dict) and isinstance(entry.get("apart"), list)
    lines = [entry.get("header"), entry.get("footer"), *(line for _, line in _pairs(entry["apart"]))] if right else [None]
    if not all(isinstance(line, dict) and line.get("kind") and strange_key(line) is None for line in lines):
        raise UnreadableReport("report: expected the header, footer and verdicts of a part in a merged report, got something else")
    for place, line in _pairs(entry["apart"]):
        verdicts.insert(place, line)
    return Report(entry["header"], tuple(verdicts), entry["footer"])


def _pairs(apart: list[Any]) -> list[tuple[int, Any]]:
    """Where a verdict stood, and it; in order, so that each is put back into its place."""
    return [
        (pair[0], pair[1]) if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], int) else (0, None)
        for pair in apart
    ]


def _kept_once(named: Sequence[tuple[Report, str]]) -> set[int]:
    """Identities of the verdicts that stand in the merged report: every check once, what ran before what did not."""
    ambiguous = ambiguous_names([line for part, _ in named for line in part.verdicts])
    ran: dict[Check, tuple[Line, str]] = {}
    absent: dict[Check, Line] = {}
    for line, name in ((line, name) for part, name in named for line in part.verdicts):
        check = check_of(line, ambiguous)
        if line["outcome"] == "not run":
            absent.setdefault(check, line)
        elif check in ran:
            raise UnreadableReport(
                f"report: expected every target once, got {one_line(str(check))} in {ran[check][1]!r} and in {name!r}"
            )
        else:
            ran[check] = line, name
    return {id(line) for line, _ in ran.values()} | {id(line) for check, line in absent.items() if check not in ran}


def _header(merged: Sequence[Report], entries: list[Line]) -> Line:
    """What one header can say of all: what they share, what they have together, and each by itself."""
    headers = [part.header for part in merged]
    joined = {key: value for header in reversed(headers) for key, value in header.items()}
    joined["versions"] = _joined([header["versions"] for header in headers])
    joined["machine"] = "; ".join(dict.fromkeys(header["machine"] for header in headers))
    joined["started"] = min(header["started"] for header in headers)
    for key in ("specs", "targets"):
        joined[key] = list(dict.fromkeys(str(name) for header in headers for name in header.get(key) or ()))
    for key in ("ran_with", "devices", "platforms", "not_exported"):
        joined.pop(key, None)
    return {**joined, "parts": entries}


def _joined(versions: Sequence[Line]) -> dict[str, str]:
    """Every package with its version, or with all that there are."""
    names = dict.fromkeys(name for own in versions for name in own)
    return {name: " and ".join(dict.fromkeys(str(own[name]) for own in versions if name in own)) for name in names}


def _footer(merged: Sequence[Report], verdicts: Sequence[Line]) -> Line:
    outcomes = Counter(line["outcome"] for line in verdicts)
    return {
        "kind": "footer",
        "verdicts": len(verdicts),
        "outcomes": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "conforms": all(part.footer["conforms"] for part in merged),
        "seconds": round(sum(part.footer["seconds"] for part in merged), 3),
    }
