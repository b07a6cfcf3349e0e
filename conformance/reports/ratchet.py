"""Recorded budget use: a small sorted JSON file under version control, past which no check may grow unless that is recorded too.

What is recorded is rounded up, and what grows by no more than another processor may use is let through: `conformance.tolerance` says how
far that is. A check that passes by a literal form or a variant passes by that one alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import UnusableRatchet
from conformance.files import write_atomically
from conformance.reports.checks import WRONG, ambiguous_names, check_of
from conformance.reports.jsonl import Line, Report
from conformance.tolerance import has_grown, recorded_use

SCHEMA = 1
# What decides which cases are drawn: use of other cases is no growth.
_DRAWN = ("seed", "examples", "compiled_examples", "images")


@dataclass(frozen=True)
class Recorded:
    """How much of its budget a check may use, give or take a processor, and by which forms it may pass."""

    used: float
    forms: tuple[str, ...] = ()


Uses = Mapping[str, Mapping[str, Recorded]]  # target -> what is asked of it


@dataclass(frozen=True)
class Ratchet:
    """All that is recorded, and of which cases."""

    drawn: Mapping[str, Any]
    uses: Uses


@dataclass(frozen=True)
class Slip:
    """A check that uses more than is recorded, or of which nothing is: None."""

    where: str
    what: str
    recorded: Recorded | None
    used: float
    forms: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        if self.recorded is None:
            return f"{self.used:.2f} of the budget, and nothing is recorded"
        new = [form for form in self.forms if form not in self.recorded.forms]
        return f"passes as {', '.join(new)} now" if new else f"{self.used:.2f} of the budget, {self.recorded.used:g} is recorded"


def read(path: Path) -> Ratchet:
    """What is recorded in a file.

    Raises:
        UnusableRatchet: it cannot be read, or is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableRatchet(f"ratchet: {str(path)!r} cannot be read: {error.strerror}; --record writes it") from error
    except (ValueError, RecursionError) as error:
        raise UnusableRatchet(f"ratchet: expected what --record writes in {str(path)!r}, got no JSON") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise UnusableRatchet(f"ratchet: expected what --record writes in {str(path)!r}, with schema {SCHEMA}, got something else")
    drawn, uses = content.get("drawn"), content.get("budget_used")
    if not isinstance(drawn, dict) or not isinstance(uses, dict):
        raise UnusableRatchet(f"ratchet: expected drawn and budget_used in {str(path)!r}, got something else")
    return Ratchet(drawn, {where: _uses(where, own, path) for where, own in uses.items()})


def _uses(where: str, own: Any, path: Path) -> dict[str, Recorded]:
    recorded = {what: _recorded(value) for what, value in own.items()} if isinstance(own, dict) else {where: None}
    for what, value in recorded.items():
        if value is None:
            raise UnusableRatchet(f"ratchet: {str(path)!r}: {where}: {what}: expected a number from 0 to 1, and perhaps forms")
    return {what: value for what, value in recorded.items() if value is not None}


def _recorded(value: Any) -> Recorded | None:
    given = value if isinstance(value, dict) else {"used": value, "forms": []}
    used, forms = given.get("used"), given.get("forms")
    if given.keys() != {"used", "forms"} or not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        return None
    if not isinstance(used, (int, float)) or isinstance(used, bool) or not 0 <= used <= 1:
        return None
    return Recorded(float(used), tuple(forms))


def write(path: Path, ratchet: Ratchet) -> None:
    """Write the file in one step, sorted, a check a line.

    Raises:
        UnusableRatchet: it cannot be written.
    """
    uses = {where: {what: _plain(value) for what, value in own.items()} for where, own in ratchet.uses.items()}
    content = {"schema": SCHEMA, "drawn": dict(ratchet.drawn), "budget_used": uses}
    try:
        write_atomically(path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n")
    except OSError as error:
        raise UnusableRatchet(f"ratchet: cannot write to {str(path)!r}: {error.strerror}") from error


def _plain(value: Recorded) -> float | dict[str, Any]:
    return {"used": value.used, "forms": list(value.forms)} if value.forms else value.used


def recorded(report: Report, before: Ratchet | None = None) -> Ratchet:
    """What a report uses, and what was recorded before of checks that are not in it. What does not conform is not recorded.

    Raises:
        UnusableRatchet: other cases were drawn for what was recorded before.
    """
    if before is not None:
        _refuse_other_cases(report, before)
    uses = {where: dict(own) for where, own in (before.uses if before is not None else {}).items()}
    for where, what, line in _passed(report):
        uses.setdefault(where, {})[what] = Recorded(recorded_use(_used(line)), _forms(line))
    return Ratchet(_drawn(report), uses)


def slips(report: Report, ratchet: Ratchet) -> tuple[Slip, ...]:
    """Every check that passes, and uses more than is recorded of it.

    Raises:
        UnusableRatchet: other cases were drawn.
    """
    _refuse_other_cases(report, ratchet)
    slipped = []
    for where, what, line in _passed(report):
        limit = ratchet.uses.get(where, {}).get(what)
        if limit is None or set(_forms(line)) - set(limit.forms) or has_grown(_used(line), limit.used):
            slipped.append(Slip(where, what, limit, _used(line), _forms(line)))
    return tuple(slipped)


def loose(report: Report, ratchet: Ratchet) -> int:
    """How many checks use so much less than is recorded of them that they could grow unnoticed."""
    known = [(ratchet.uses.get(where, {}).get(what), line) for where, what, line in _passed(report)]
    return sum(limit is not None and has_grown(limit.used, recorded_use(_used(line))) for limit, line in known)


def failures(report: Report) -> int:
    """How many checks do not conform, of which there is nothing to record."""
    return sum(line["outcome"] in WRONG for line in report.verdicts)


def count(ratchet: Ratchet) -> int:
    """Of how many checks something is recorded."""
    return sum(map(len, ratchet.uses.values()))


def _passed(report: Report) -> list[tuple[str, str, Line]]:
    ambiguous = ambiguous_names(report.verdicts)
    # Where no value was compared nothing is used.
    passed = [line for line in report.verdicts if line["outcome"] == "passed" and not line.get("without_values")]
    checks = [(check_of(line, ambiguous), line) for line in passed]
    return [(check.where, check.what, line) for check, line in checks]


def _used(line: Line) -> float:
    """None is of what no number measures, as a variant: that it passes is all there is to record."""
    used = float(line["budget_used"] or 0.0)
    return used if math.isfinite(used) else 1.0


def _forms(line: Line) -> tuple[str, ...]:
    return tuple(sorted({remark["form"] for remark in line.get("remarks", ())}))


def _drawn(report: Report) -> dict[str, Any]:
    return {key: report.header[key] for key in _DRAWN if report.header.get(key) is not None}


def _refuse_other_cases(report: Report, ratchet: Ratchet) -> None:
    drawn = _drawn(report)
    for key in _DRAWN:
        if drawn.get(key) != ratchet.drawn.get(key):
            raise UnusableRatchet(
                f"ratchet: expected a report of the cases that were recorded, with {key} {ratchet.drawn.get(key)}, got {drawn.get(key)}"
            )
