"""What a person reads: a table of specifications by targets, and for every failure what was asked, expected and given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from conformance.judging.verdicts import WITHOUT_VALUES, Diagnosis, Verdict
from conformance.reports.printed_values import case_lines
from conformance.reports.result_table import MARK, STYLE, ResultTable
from conformance.respondent.printable import one_line

_SHOWN_FAILURES = 8
_MOST_MATCHES = 3  # explanations that the cases cannot tell apart


def summary(verdicts: Sequence[Verdict], seconds: float) -> RenderableType:
    """Everything that is printed at the end of a run."""
    ran = [v for v in verdicts if v.outcome != "not run"]
    parts: list[RenderableType] = []
    if any(v.cases or v.outcome != "unsupported" for v in ran):
        parts.append(ResultTable(ran))
    failures = _alike([v for v in ran if v.outcome in ("failed", "errored")])
    parts += [_failure(group) for group in failures[:_SHOWN_FAILURES]]
    if len(failures) > _SHOWN_FAILURES:
        parts.append(Text(f"… and {len(failures) - _SHOWN_FAILURES} more; --report DIR writes them all.", style="dim"))
    broken = [v for v in verdicts if v.target.broken is not None]
    absent = [v for v in verdicts if v.outcome == "not run" and v.target.broken is None]
    parts += _remarks(verdicts)
    parts += _options(verdicts)
    parts += _reasons([v for v in verdicts if v.outcome == "unsupported"], "Not offered")
    parts += _reasons(absent, "Not run") + _reasons(broken, "Cannot be run")
    parts.append(_last_line(verdicts, seconds))
    return Group(*parts)


def _alike(failures: Sequence[Verdict]) -> list[list[Verdict]]:
    """Failures of one specification on one target that have the same reason, together."""
    groups: dict[Any, list[Verdict]] = {}
    for verdict in failures:
        groups.setdefault((verdict.spec, verdict.target, verdict.reason), []).append(verdict)
    return list(groups.values())


def _failure(group: Sequence[Verdict]) -> RenderableType:
    verdict = group[0]
    title = Text(f"\n{MARK[verdict.outcome]} {verdict.spec} {', '.join(v.quantity for v in group)}", style=STYLE[verdict.outcome])
    title.append(f"  {verdict.target.label}", style="default")
    lines = [one_line(verdict.reason or ""), *_explanation(next((v.diagnosis for v in group if v.diagnosis), None))]
    if verdict.counterexample is None:
        return Group(title, _indented(lines))
    lines.append(f"{verdict.failures} of {verdict.cases} cases fail; the smallest found:")
    # The command stands on one line, however long, so that it can be copied.
    command = Text(f"  {verdict.reproduce}", style="cyan", no_wrap=True, overflow="ignore")
    return Group(title, _indented([*lines, *(f"  {line}" for line in case_lines(verdict.counterexample))]), command)


def _explanation(diagnosis: Diagnosis | None) -> list[str]:
    """Which known mistake it is, what that means, and where to look."""
    if diagnosis is None:
        return []
    lines = [f"{diagnosis.sentence[:1].upper()}{diagnosis.sentence[1:]}."]
    for match in diagnosis.matches[:_MOST_MATCHES]:
        lines += [f"  {sentence}" for sentence in match.sentences] + [f"  Hint: {hint}" for hint in match.hints]
    return lines


def _indented(lines: Sequence[str]) -> RenderableType:
    return Padding(Text("\n".join(lines)), (0, 0, 0, 2), expand=False)


def _remarks(verdicts: Sequence[Verdict]) -> list[RenderableType]:
    """Each remark once, with what it concerns; who wants the digits too asks for the strict budget."""
    concerned: dict[tuple[str, str], dict[str, None]] = {}
    for v in verdicts:
        for remark in v.remarks:
            concerned.setdefault((v.spec, remark.sentence), {})[v.target.name] = None
    return [
        Text(f"Passed, with a remark: {spec}: {sentence} ({', '.join(names)}).", style="yellow")
        for (spec, sentence), names in concerned.items()
    ]


def _options(verdicts: Sequence[Verdict]) -> list[RenderableType]:
    """Options that a target does not have, with how many cases asked for them."""
    counts: dict[tuple[str, str, str], int] = {}
    for v in verdicts:
        for option, count in v.not_offered.items():
            key = v.spec, v.target.name, option
            counts[key] = max(count, counts.get(key, 0))
    return [
        Text(
            f"Not offered: {name} has {option if option.startswith('no ') else f'no {option}'} of {spec}: {count} cases.",
            style="yellow",
        )
        for (spec, name, option), count in counts.items()
    ]


def _reasons(verdicts: Sequence[Verdict], title: str) -> list[RenderableType]:
    """Each reason once, with what it concerns."""
    concerned: dict[str, dict[str, None]] = {}
    for v in verdicts:
        label = v.spec if v.outcome == "unsupported" else v.target.name + ("" if v.target.broken else f" on {v.target.device}")
        concerned.setdefault(v.reason or "", {})[label] = None
    return [
        Text(f"{title}: {', '.join(list(labels)[:4])}{' …' if len(labels) > 4 else ''}: {reason}.", style=_style(verdicts[0]))
        for reason, labels in concerned.items()
    ]


def _style(verdict: Verdict) -> str:
    return STYLE["failed" if verdict.target.broken else verdict.outcome]


def _last_line(verdicts: Sequence[Verdict], seconds: float) -> Text:
    passed = sum(v.outcome == "passed" for v in verdicts)
    wrong = sum(v.outcome in ("failed", "errored") for v in verdicts)
    cases = sum(v.cases for v in verdicts if v.outcome != "unsupported")
    broken = {v.target.module for v in verdicts if v.target.broken is not None}
    left_out = f"; {len(broken)} target{'s' * (len(broken) > 1)} cannot be run" if broken else ""
    if wrong:
        text = f"{wrong} of {passed + wrong} checks do not conform{left_out} ({cases:,} cases, {seconds:.1f} s)."
        return Text(text, style="bold red")
    if passed:
        missing = sum(v.outcome == "unsupported" for v in verdicts)
        offered = f"; {missing} not offered" if missing else ""
        sentence = f"All {passed} checks conform" if passed > 1 else "1 check conforms"
        if structural := sum(v.without_values for v in verdicts):
            sentence += (
                f", {'all' if structural == passed > 1 else structural} {WITHOUT_VALUES}" if passed > 1 else f" {WITHOUT_VALUES}"
            )
        style = "bold yellow" if broken else "bold green"
        return Text(f"{sentence}{offered}{left_out} ({cases:,} cases, {seconds:.1f} s).", style=style)
    return Text("Nothing was checked.", style="bold yellow")
