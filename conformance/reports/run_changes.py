"""Two runs of `verify` side by side: what began to fail, what was mended, whose budget use moved, what appeared and vanished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.reports.checks import WRONG, Check, ambiguous_names, check_of
from conformance.reports.jsonl import Line, Report
from conformance.tolerance import ulps_between

Kind = Literal["began to fail", "no longer offered", "still fails", "mended", "moved", "appeared", "vanished", "same"]
WORSE: tuple[Kind, ...] = ("began to fail", "no longer offered")
# What is drawn differently gives other numbers: keys of the header, with what a header says that lacks them.
_DRAWN = {"seed": None, "examples": None, "compiled_examples": None, "images": "digits"}


@dataclass(frozen=True)
class CheckChange:
    """One check in both runs. None stands for one that was not asked; what could not be run here was not."""

    check: Check
    kind: Kind
    old: Line | None
    new: Line | None

    @property
    def used(self) -> tuple[float | None, float | None]:
        """Fractions of the error budget: infinity where something is wrong that no number measures, None where there is no answer."""
        return _used(self.old), _used(self.new)

    @property
    def ulps(self) -> tuple[float | None, float | None]:
        """How far the worst element was off, in units of its last place; None where that is not known."""
        return _ulps(self.old), _ulps(self.new)

    @property
    def growth(self) -> float:
        """By how much more of the budget is used."""
        old, new = self.used
        return (new or 0.0) - (old or 0.0)


@dataclass(frozen=True)
class HeaderChange:
    """Something that both runs say of themselves. None stands for what one of them does not say."""

    name: str
    old: str | None
    new: str | None

    @property
    def same(self) -> bool:
        return self.old == self.new


@dataclass(frozen=True)
class RunChanges:
    """All of it. `headers` are versions, machine and day; `drawn` is what makes numbers of the runs differ though nothing moved."""

    headers: tuple[HeaderChange, ...]
    drawn: tuple[HeaderChange, ...]
    checks: tuple[CheckChange, ...]

    @property
    def worse(self) -> bool:
        """Whether anything conformed, or was not there, and does not conform now; or is not offered any more."""
        return any(change.kind in WORSE for change in self.checks)

    def of(self, kind: Kind) -> tuple[CheckChange, ...]:
        """Those of a kind; what moved most stands first."""
        changes = [change for change in self.checks if change.kind == kind]
        return tuple(sorted(changes, key=lambda c: (-c.growth, c.check)) if kind == "moved" else changes)


def compare(old: Report, new: Report) -> RunChanges:
    """Every check of either run, in the order of the later one."""
    ambiguous = ambiguous_names(old.verdicts, new.verdicts)
    before, after = ({check_of(line, ambiguous): line for line in report.verdicts} for report in (old, new))
    checks = [_change(check, before.get(check), after.get(check)) for check in dict.fromkeys((*after, *before))]
    return RunChanges(
        _headers(old.header, new.header),
        tuple(
            c for c in _pairs({k: _drawn(old.header, k) for k in _DRAWN}, {k: _drawn(new.header, k) for k in _DRAWN}) if not c.same
        ),
        tuple(change for change in checks if change is not None),
    )


def _change(check: Check, old: Line | None, new: Line | None) -> CheckChange | None:
    """None where neither run asked, or one alone and was offered nothing."""
    before, after = (None if line is None or line["outcome"] == "not run" else line for line in (old, new))
    if {line["outcome"] for line in (before, after) if line is not None} <= {"unsupported"} and not (before and after):
        return None
    return CheckChange(check, _kind(before, after), before, after if after is not None or new is None else new)


def _kind(old: Line | None, new: Line | None) -> Kind:
    was, now = (None if line is None else line["outcome"] for line in (old, new))
    if now in WRONG:
        return "still fails" if was in WRONG else "began to fail"
    if old is None or new is None:
        return "appeared" if old is None else "vanished"
    if now == "unsupported" or was == "unsupported":
        return "same" if was == now else "appeared" if was == "unsupported" else "vanished" if was in WRONG else "no longer offered"
    if was in WRONG:
        return "mended"
    if set(_options(new)) - set(_options(old)):
        return "no longer offered"
    return "same" if (_used(old), forms(old)) == (_used(new), forms(new)) else "moved"


def _options(line: Line) -> Mapping[str, int]:
    """Options that the target does not have, with how many cases asked for them."""
    return line.get("not_offered") or {}


def options_lost(change: CheckChange) -> tuple[str, ...]:
    """Options that the target had, and has no more."""
    return () if change.old is None or change.new is None else tuple(sorted(set(_options(change.new)) - set(_options(change.old))))


def forms(line: Line | None) -> tuple[str, ...]:
    """Literal forms and variants by which it passes, with a remark."""
    return () if line is None else tuple(sorted(remark["form"] for remark in line.get("remarks") or ()))


def _used(line: Line | None) -> float | None:
    if line is None or line["outcome"] in ("unsupported", "not run"):
        return None
    used = line["budget_used"]
    if used is None:
        return math.inf if line["outcome"] in WRONG else None
    used = float(used)
    return math.inf if math.isnan(used) else used


def _ulps(line: Line | None) -> float | None:
    worst = None if line is None else line.get("worst")
    if line is None or not isinstance(worst, dict):
        return 0.0 if _used(line) == 0.0 else None
    return ulps_between(worst.get("actual"), worst.get("expected"), line["dtype"])


def _drawn(header: Line, key: str) -> str | None:
    value = header.get(key, _DRAWN[key])
    return None if value is None else str(value)


def _headers(old: Line, new: Line) -> tuple[HeaderChange, ...]:
    """The suite itself, then what it ran with, then where and when."""
    names = {"version": "conformance", "suite": "suite"}
    ours = [{name: str(header[key]) for key, name in names.items() if header.get(key)} for header in (old, new)]
    packages = [{name: str(version) for name, version in header["versions"].items()} for header in (old, new)]
    runners = [{f"run by {name}": str(v) for name, v in (header.get("ran_with") or {}).items()} for header in (old, new)]
    places = [{"machine": header["machine"], "started": header["started"][:10]} for header in (old, new)]
    return tuple(change for old_part, new_part in (ours, packages, runners, places) for change in _pairs(old_part, new_part))


def _pairs(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Sequence[HeaderChange]:
    return [HeaderChange(name, old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new))]
