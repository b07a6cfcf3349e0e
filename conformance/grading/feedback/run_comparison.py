"""Two runs over the same class, side by side: whose grade changed, by how much, and because of which checks."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rich.cells import cell_len, set_cell_size

from conformance.grading.feedback.feedback_text import number
from conformance.grading.grade_file import Check, Grade
from conformance.reports.escaping import clean, csv_cell

Kind = Literal["changed", "new", "missing", "same"]
_WIDTH = 80
_NAME, _SCORES, _CHANGE = 24, 15, 8


@dataclass(frozen=True)
class CheckChange:
    """A check whose outcome or points are not what they were. None stands for a check that was not there, or has no points."""

    name: str
    old_outcome: str | None
    new_outcome: str | None
    old_points: float | None
    new_points: float | None


@dataclass(frozen=True)
class GradeChange:
    """One submission in both runs. `resubmitted` says that other files were graded, so that the grader need not be the cause."""

    submission: str
    kind: Kind
    old_score: float | None
    new_score: float | None
    resubmitted: bool
    checks: tuple[CheckChange, ...]

    @property
    def difference(self) -> float | None:
        """New minus old; None where one of them is no number."""
        return None if self.old_score is None or self.new_score is None else round(self.new_score - self.old_score, 6)


def compare(old: Mapping[str, Grade], new: Mapping[str, Grade]) -> tuple[GradeChange, ...]:
    """Every submission of either run, in order of name."""
    return tuple(_change(name, old.get(name), new.get(name)) for name in sorted({*old, *new}))


def as_table(changes: Sequence[GradeChange]) -> str:
    """At most 80 columns; what stayed the same is counted in the last line."""
    head = f"{'submission':<{_NAME}} {'old → new':<{_SCORES}} {'change':>{_CHANGE}}  why"
    lines = [head] if any(change.kind != "same" for change in changes) else []
    for change in changes:
        if change.kind == "same":
            continue
        scores = f"{number(change.old_score)} → {number(change.new_score)}"
        difference = "" if change.difference is None else f"{change.difference:+.6g}"
        first = f"{_fitted(change.submission, _NAME)} {scores:<{_SCORES}} {difference:>{_CHANGE}}  "
        reasons = _reasons(change)
        if cell_len(first) + cell_len(reasons[0]) <= _WIDTH:
            first += reasons.pop(0)
        lines.append(first.rstrip())
        lines += [_cut(f"    {reason}", _WIDTH) for reason in reasons]
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ("changed", "new", "missing", "same")}
    lines.append(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return "\n".join(lines)


def as_csv(changes: Sequence[GradeChange]) -> str:
    """A line a check that changed, and one for a submission that is new or missing."""
    head = ["submission", "kind", "old_score", "new_score", "difference", "resubmitted", "check", "old_outcome", "new_outcome"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*head, "old_points", "new_points"])
    for change in changes:
        submission_cells = [
            change.submission,
            change.kind,
            change.old_score,
            change.new_score,
            change.difference,
            change.resubmitted,
        ]
        for check in change.checks or (CheckChange("", None, None, None, None),):
            row = [*submission_cells, check.name, check.old_outcome, check.new_outcome, check.old_points, check.new_points]
            writer.writerow([csv_cell(cell) for cell in row])
    return text.getvalue()


def as_json(changes: Sequence[GradeChange]) -> str:
    """Everything, for programs."""
    return json.dumps([{**asdict(change), "difference": change.difference} for change in changes], indent=1, allow_nan=False) + "\n"


def _change(name: str, old: Grade | None, new: Grade | None) -> GradeChange:
    if old is None or new is None:
        return GradeChange(
            name, "new" if old is None else "missing", old.score if old else None, new.score if new else None, False, ()
        )
    checks = _check_changes(old, new)
    resubmitted = old.hash != new.hash
    unchanged = not checks and not resubmitted and (old.score, old.max_score, old.status) == (new.score, new.max_score, new.status)
    return GradeChange(name, "same" if unchanged else "changed", old.score, new.score, resubmitted, checks)


def _check_changes(old: Grade, new: Grade) -> tuple[CheckChange, ...]:
    before, after = ({check.name: check for check in grade.checks} for grade in (old, new))
    changes = []
    for name in dict.fromkeys((*before, *after)):
        first, second = before.get(name), after.get(name)
        if _essence(first) != _essence(second):
            changes.append(
                CheckChange(
                    name,
                    first.outcome if first else None,
                    second.outcome if second else None,
                    first.points if first else None,
                    second.points if second else None,
                )
            )
    return tuple(changes)


def _essence(check: Check | None) -> tuple[object, ...] | None:
    """What must be equal for a check to have stayed the same. Messages and counterexamples may differ."""
    return None if check is None else (check.outcome, check.points, check.max_points)


def _reasons(change: GradeChange) -> list[str]:
    """In words, the files first."""
    if change.kind in ("new", "missing"):
        return ["not graded before" if change.kind == "new" else "not graded now"]
    reasons = ["other files were handed in"] if change.resubmitted else []
    for check in change.checks:
        outcomes = f"{check.old_outcome or 'absent'} → {check.new_outcome or 'absent'}"
        if check.old_outcome == check.new_outcome:
            outcomes = f"{number(check.old_points)} → {number(check.new_points)} points"
        reasons.append(f"{clean(check.name, 60)}: {outcomes}")
    return reasons or ["the points that can be had"]


def _cut(text: str, width: int) -> str:
    """At most `width` columns; a Korean letter takes two."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"


def _fitted(text: str, width: int) -> str:
    return set_cell_size(_cut(clean(text, 200), width), width)
