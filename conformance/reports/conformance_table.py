"""Reports of finished runs as one Markdown page: every specification by every target, the largest fraction of the error budget used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance.errors import UnreadableReport
from conformance.judging.verdicts import STRUCTURE_ONLY, WITHOUT_VALUES
from conformance.reports.checks import WRONG
from conformance.reports.jsonl import Line, Report
from conformance.reports.merging import parts
from conformance.reports.result_table import budget_number
from conformance.respondent.frameworks import has_numbers


def conformance_table(reports: Sequence[Report], command: str) -> str:
    """The reports side by side, as Markdown.

    Raises:
        UnreadableReport: they were made with different versions, so their numbers do not belong into one table.
    """
    _refuse_mixture(reports)
    verdicts = [verdict for report in reports for verdict in report.verdicts]
    ran = [verdict for verdict in verdicts if verdict["outcome"] != "not run"]
    if not ran:
        raise UnreadableReport("report: expected something that was run, got nothing")
    columns, specs = sorted({_column(v) for v in ran}), list(dict.fromkeys(v["spec"] for v in ran))
    by_cell: dict[tuple[str, tuple[str, ...]], list[Line]] = {}
    for verdict in ran:
        by_cell.setdefault((verdict["spec"], _column(verdict)), []).append(verdict)
    rows = [[f"`{spec}`", *(_cell(by_cell.get((spec, column), [])) for column in columns)] for spec in specs]
    largest = [_cell([v for v in ran if _column(v) == column]) for column in columns]
    wrong = sum(v["outcome"] in WRONG for v in ran)
    passed = sum(v["outcome"] == "passed" for v in ran)
    summary = f"{wrong} of {passed + wrong} checks do not conform" if wrong else f"All {passed} checks conform"
    if structural := sum(bool(v.get("without_values")) for v in ran):
        summary += f", {structural} {WITHOUT_VALUES}"
    lines = [
        "# Conformance, measured",
        "",
        f"Written by `{command}` from what `conformance verify --report` left, on {_dates(reports)}:",
        f"{_versions(reports[0].header)}; {reports[0].header['machine']}.",
        "",
        "Every number is the largest fraction of the error budget that any element of any quantity used: of values and gradients; for",
        "models of every named activation, each loss term, the gradient of every parameter, ten steps of an optimiser and its state.",
        "1 is the limit.",
        "`=` is exactly equal, `–` not offered, ✗ does not conform.",
        *(f"✓, {STRUCTURE_ONLY}: passed {WITHOUT_VALUES}." for _ in ran[:1] if any(v.get("without_values") for v in ran)),
        "",
        *_markdown(["", *("<br>".join(column) for column in columns)], rows),
        *_markdown_row(["**largest**", *(f"**{cell}**" for cell in largest)]),
        "",
        f"**{summary}**, in {sum(v['cases'] for v in ran):,} cases.",
        "",
        *(f"* {line}" for line in _runs(reports)),
        *(f"* {line}" for line in _machines(reports)),
        *(
            f"* Not run: {line}."
            for line in dict.fromkeys(f"{v['target']} on {v['device']}: {v['reason']}" for v in verdicts if v not in ran)
        ),
        "",
    ]
    return "\n".join(lines)


def _column(verdict: Line) -> tuple[str, ...]:
    on = (verdict["device"],) if verdict["device"] != "cpu" else ()
    alone = () if has_numbers(verdict["device"]) else (STRUCTURE_ONLY,)
    return (verdict["target"], *on, *alone, verdict["dtype"], verdict["mode"])


def _cell(verdicts: Sequence[Line]) -> str:
    """The largest use; a cross where something does not conform, and its excess if that has a measure. No number measures a variant."""
    judged = [v for v in verdicts if v["outcome"] != "unsupported"]
    if not judged:
        return "–" if verdicts else ""
    wrong = [v for v in judged if v["outcome"] in WRONG]
    if not wrong and any(v.get("without_values") for v in judged):
        return "✓"
    measured = [v for v in judged if v["budget_used"] is not None or not v.get("remarks")]
    if not measured:
        return "≈"
    fractions = [v["budget_used"] for v in wrong or measured]
    if any(not isinstance(number, (int, float)) for number in fractions):
        return "✗"
    most = max(fractions)
    return ("✗ " if wrong else "") + budget_number(most)


def _refuse_mixture(reports: Sequence[Report]) -> None:
    first = reports[0].header
    for report in reports[1:]:
        for key, value in report.header["versions"].items():
            if first["versions"].get(key) != value:
                raise UnreadableReport(f"report: expected {key} {first['versions'].get(key)} as in the first report, got {value}")


def _versions(header: Line) -> str:
    return ", ".join(f"{name} {version}" for name, version in header["versions"].items())


def _dates(reports: Sequence[Report]) -> str:
    days = sorted({part.header["started"][:10] for report in reports for part in parts(report)})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _runs(reports: Sequence[Report]) -> Iterator[str]:
    """What the runs of each kind were asked, and how long they took together."""
    cases: Counter[tuple[str, str, int]] = Counter()
    seconds: Counter[tuple[str, str, int]] = Counter()
    for report in reports:
        targets = ", ".join(sorted({v["target"] for v in report.verdicts if v["outcome"] != "not run"}))
        kind = (targets, "/".join(sorted({v["mode"] for v in report.verdicts})), report.header["seed"])
        cases[kind] += sum(v["cases"] for v in report.verdicts)
        seconds[kind] += round(report.footer["seconds"])
    for kind, count in cases.items():
        yield f"{kind[0]}, {kind[1]}: seed {kind[2]}, {count:,} cases, {seconds[kind]} s."


def _machines(reports: Sequence[Report]) -> Iterator[str]:
    """Of programs that were exported on one machine and run on another: what ran them, and on what."""
    for report in [part for merged in reports for part in parts(merged)]:
        if (ran_with := report.header.get("ran_with")) is not None:
            targets, devices = (
                ", ".join(report.header["targets"]),
                ", ".join(f"{k} ({v})" for k, v in report.header["devices"].items()),
            )
            versions = ", ".join(f"{name} {version}" for name, version in ran_with.items())
            yield f"{targets}: run by {versions} on {devices}."


def _markdown(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from _markdown_row(heading)
    yield "|---|" + "---:|" * (len(heading) - 1)
    for row in rows:
        yield from _markdown_row(row)


def _markdown_row(cells: Sequence[str]) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"
