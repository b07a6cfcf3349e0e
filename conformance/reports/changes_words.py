"""What is said of a comparison of two runs, whatever the format: sentences and numbers, not yet escaped."""

from __future__ import annotations

import math
from collections.abc import Iterator

from conformance.reports.checks import WRONG
from conformance.reports.escaping import clean
from conformance.reports.jsonl import Line
from conformance.reports.result_table import MARK, budget_number
from conformance.reports.run_changes import WORSE, CheckChange, Kind, RunChanges, forms, options_lost

TITLES: dict[Kind, str] = {
    "began to fail": "Began to fail",
    "no longer offered": "No longer offered",
    "still fails": "Still fail",
    "mended": "Mended",
    "moved": "Budget use moved",
    "appeared": "Appeared",
    "vanished": "Vanished",
}
_PLURAL: dict[Kind, str] = {"still fails": "still fail"}


def sections(changes: RunChanges) -> Iterator[tuple[Kind, tuple[CheckChange, ...]]]:
    """What is shown one by one: every kind that there is, without what moved by less than is printed."""
    for kind in TITLES:
        shown = tuple(change for change in changes.of(kind) if kind != "moved" or is_visible(change))
        if shown:
            yield kind, shown


def is_visible(change: CheckChange) -> bool:
    """Whether a move is one in the digits that are printed, or of what is remarked."""
    (old, new), (before, after) = change.used, (forms(change.old), forms(change.new))
    return before != after or _use(change.old, old) != _use(change.new, new)


def verdict(changes: RunChanges) -> str:
    """The one sentence that matters."""
    worse = [f"{len(changes.of(kind))} {kind}" for kind in WORSE if changes.of(kind)]
    if worse:
        return f"Worse: {', '.join(worse)}."
    if not any(change.old and change.new for change in changes.checks):
        return "Nothing is in both runs, so that nothing was compared."
    return "Nothing got worse."


def counts(changes: RunChanges) -> str:
    """How many of each kind."""
    hidden = sum(not is_visible(change) for change in changes.of("moved"))
    numbers: dict[Kind, int] = {kind: len(changes.of(kind)) - (hidden if kind == "moved" else 0) for kind in TITLES}
    words = [f"{number} {_PLURAL.get(kind, kind)}" for kind, number in numbers.items() if number]
    words += [f"{hidden} moved by less than 0.01"] if hidden else []
    same = f"{len(changes.of('same'))} as before"
    return f"{', '.join([*words, same])}."


def use(change: CheckChange) -> str:
    """How much of the error budget each run used: 0.05 → ✗ 3e+05."""
    (old, new) = change.used
    return f"{_use(change.old, old)} → {_use(change.new, new)}"


def _use(line: Line | None, used: float | None) -> str:
    if line is None:
        return "none"
    sign = f"{MARK[line['outcome']]} " if line["outcome"] in WRONG else ""
    if used is None:
        return MARK["passed"] if line.get("without_values") else "≈" if line["outcome"] == "passed" else MARK[line["outcome"]]
    return sign.strip() if used == math.inf else f"{sign}{budget_number(used)}"


def ulps(change: CheckChange) -> str:
    """How far off the worst element of each run was; nothing where either is not known."""
    old, new = change.ulps
    return "" if old is None or new is None else f"{_ulps(old)} → {_ulps(new)} ulps"


def _ulps(number: float) -> str:
    return f"{number:.2g}" if number < 100 else f"{number:.0f}" if number < 1e5 else f"{number:.0e}"


def notes(change: CheckChange) -> list[str]:
    """Why it fails, what is remarked of it now, which options are gone."""
    lines = []
    new = change.new
    if new is not None and new["outcome"] != "passed" and new["reason"]:
        lines.append(clean(new["reason"], 300))
    diagnosis = (new or {}).get("diagnosis")
    if diagnosis and diagnosis.get("sentence"):
        lines.append(clean(str(diagnosis["sentence"]), 300))
    before, after = forms(change.old), forms(new)
    lines += [f"passes with a remark now: {clean(form, 60)}" for form in after if form not in before and change.old is not None]
    lines += [f"without its remark now: {clean(form, 60)}" for form in before if form not in after and change.kind == "moved"]
    return lines + [f"has no {clean(option, 60)} any more" for option in options_lost(change)]


def command(change: CheckChange) -> str | None:
    """The command that shows a failure again."""
    shown = (change.new or {}).get("reproduce") if change.kind in ("began to fail", "still fails") else None
    return clean(shown, 300) if shown else None


def drawn(changes: RunChanges) -> str | None:
    """That the numbers are of other cases, where they are."""
    if not changes.drawn:
        return None
    names = ", ".join(f"{c.name.replace('_', ' ')} {c.old or 'default'} → {c.new or 'default'}" for c in changes.drawn)
    return f"Other cases were drawn ({clean(names, 300)}), so that budget use may differ for that alone."
