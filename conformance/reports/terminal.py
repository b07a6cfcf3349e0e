"""What a person reads: a table of specifications by targets, and for every failure what was asked, expected and given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.cases import Case
from conformance.printable import one_line
from conformance.responses import Output, Response, Returned
from conformance.targets import Target
from conformance.verdicts import Verdict

_MARK = {"passed": "✓", "failed": "✗", "errored": "!", "unsupported": "–", "not run": "·"}
_STYLE = {"passed": "green", "failed": "bold red", "errored": "bold magenta", "unsupported": "yellow", "not run": "dim"}
_SHORT = {"float64": "f64", "float32": "f32", "bfloat16": "bf16", "float16": "f16"}
_SHOWN_FAILURES = 8


def summary(verdicts: Sequence[Verdict], seconds: float) -> RenderableType:
    """Everything that is printed at the end of a run."""
    ran = [v for v in verdicts if v.outcome != "not run"]
    parts: list[RenderableType] = []
    if any(v.cases or v.outcome != "unsupported" for v in ran):
        parts += [
            _table(ran),
            Text("The largest fraction of the error budget used; 1 is the limit, = is exact.", style="dim"),
        ]
    failures = _alike([v for v in ran if v.outcome in ("failed", "errored")])
    parts += [_failure(group) for group in failures[:_SHOWN_FAILURES]]
    if len(failures) > _SHOWN_FAILURES:
        parts.append(Text(f"… and {len(failures) - _SHOWN_FAILURES} more; --report DIR writes them all.", style="dim"))
    parts += _reasons(verdicts, "unsupported", "Not offered") + _reasons(verdicts, "not run", "Not run")
    parts.append(_last_line(verdicts, seconds))
    return Group(*parts)


def show_case(case: Case, console: Console) -> None:
    """The inputs of a case, in full where they are small."""
    for line in _case_lines(case):
        console.print(line, markup=False, highlight=False)


def show_response(quantity: str, response: Response, expected: Mapping[str, Any], console: Console) -> None:
    """Expected and actual of one quantity."""
    if not isinstance(response, Returned):
        console.print(f"  {quantity}: {response.sentence}", markup=False, highlight=False)
        return
    for name, want in expected.items():
        got = response.outputs.get(name)
        console.print(f"  {quantity} {name}" if name != quantity else f"  {quantity}", markup=False, highlight=False)
        console.print(f"    expected {_value(getattr(want, 'value', want))}", markup=False, highlight=False)
        console.print(f"    actual   {_value(got.array if isinstance(got, Output) else got)}", markup=False, highlight=False)


def _table(verdicts: Sequence[Verdict]) -> Table:
    targets = list(dict.fromkeys(v.target for v in verdicts))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("specification", no_wrap=True)
    for target in targets:
        table.add_column(_heading(target, targets), justify="right", no_wrap=True)
    for spec in dict.fromkeys(v.spec for v in verdicts):
        own = [v for v in verdicts if v.spec == spec]
        if all(v.outcome == "unsupported" and v.cases == 0 for v in own):
            continue  # nobody was asked; it is named below the table
        quantities = list(dict.fromkeys(v.quantity for v in own))
        # One line where all is well; a line a quantity where something is not.
        rows = [quantities] if all(v.outcome == "passed" for v in own) else [[quantity] for quantity in quantities]
        for position, row in enumerate(rows):
            name = Text(spec if position == 0 else " " * 2)
            if len(rows) > 1:
                name.append(f" {row[0]}", style="dim")
            table.add_row(name, *(_cell([v for v in own if v.quantity in row and v.target == target]) for target in targets))
    return table


def _heading(target: Target, targets: Sequence[Target]) -> str:
    """Name and dtype; device and mode where they differ between columns; the whole path where two names are alike."""
    alike = {t.module for t in targets if t.name == target.name}
    lines = [target.name if len(alike) == 1 else target.module, _SHORT[target.dtype]]
    if len({t.device for t in targets}) > 1 or target.device != "cpu":
        lines.append(target.device)
    if len({t.mode for t in targets}) > 1 or target.mode != "eager":
        lines.append(target.mode)
    return "\n".join(lines)


def _cell(verdicts: Sequence[Verdict]) -> Text:
    """The outcome, and the largest fraction used: = for exactly equal, × for an error that no number measures."""
    if not verdicts:
        return Text("")
    verdict = max(verdicts, key=lambda v: v.budget_used or 0.0)
    text = Text(_MARK[verdict.outcome], style=_STYLE[verdict.outcome])
    used = verdict.budget_used
    if verdict.outcome in ("passed", "failed") and used is not None:
        text.append(" " + ("=" if used == 0 else "×" if used == math.inf else f"{used:.2f}" if used < 1000 else f"{used:.0e}"))
    return text


def _alike(failures: Sequence[Verdict]) -> list[list[Verdict]]:
    """Failures of one specification on one target that have the same reason, together."""
    groups: dict[Any, list[Verdict]] = {}
    for verdict in failures:
        groups.setdefault((verdict.spec, verdict.target, verdict.reason), []).append(verdict)
    return list(groups.values())


def _failure(group: Sequence[Verdict]) -> RenderableType:
    verdict = group[0]
    title = Text(f"\n{_MARK[verdict.outcome]} {verdict.spec} {', '.join(v.quantity for v in group)}", style=_STYLE[verdict.outcome])
    title.append(f"  {verdict.target.label}", style="default")
    lines = [one_line(verdict.reason or "")]
    if verdict.counterexample is None:
        return Group(title, _indented(lines))
    lines.append(f"{verdict.failures} of {verdict.cases} cases fail; the smallest found:")
    # The command stands on one line, however long, so that it can be copied.
    command = Text(f"  {verdict.reproduce}", style="cyan", no_wrap=True, overflow="ignore")
    return Group(title, _indented([*lines, *_case_lines(verdict.counterexample)]), command)


def _indented(lines: Sequence[str]) -> RenderableType:
    return Padding(Text("\n".join(lines)), (0, 0, 0, 2), expand=False)


def _case_lines(case: Case) -> list[str]:
    """The inputs, one a line; a model's weights and batches by their shapes."""
    return [f"  {name} = {_value(value)}" for name, value in case.inputs.items()]


def _reasons(verdicts: Sequence[Verdict], outcome: str, title: str) -> list[RenderableType]:
    """Each reason once, with what it concerns."""
    concerned: dict[str, dict[str, None]] = {}
    for v in verdicts:
        if v.outcome == outcome:
            label = f"{v.target.name} on {v.target.device}" if outcome == "not run" else v.spec
            concerned.setdefault(v.reason or "", {})[label] = None
    return [
        Text(f"{title}: {', '.join(list(labels)[:4])}{' …' if len(labels) > 4 else ''}: {reason}.", style=_STYLE[outcome])
        for reason, labels in concerned.items()
    ]


def _last_line(verdicts: Sequence[Verdict], seconds: float) -> Text:
    passed = sum(v.outcome == "passed" for v in verdicts)
    wrong = sum(v.outcome in ("failed", "errored") for v in verdicts)
    cases = sum(v.cases for v in verdicts if v.outcome != "unsupported")
    if wrong:
        return Text(f"{wrong} of {passed + wrong} checks do not conform ({cases:,} cases, {seconds:.1f} s).", style="bold red")
    if passed:
        missing = sum(v.outcome == "unsupported" for v in verdicts)
        offered = f"; {missing} not offered" if missing else ""
        sentence = f"All {passed} checks conform" if passed > 1 else "1 check conforms"
        return Text(f"{sentence}{offered} ({cases:,} cases, {seconds:.1f} s).", style="bold green")
    return Text("Nothing was checked.", style="bold yellow")


def _value(value: Any, longest: int = 24) -> str:
    """A value on one line; long arrays by shape and range, batches by their number."""
    if isinstance(value, np.ndarray):
        if value.size > longest:
            return f"{value.shape} from {value.min():.4g} to {value.max():.4g}"
        return np.array2string(value, separator=", ", floatmode="unique", max_line_width=10**6).replace("\n", "")
    if isinstance(value, Mapping):
        if len(value) > 3 and all(isinstance(item, np.ndarray) for item in value.values()):
            return f"{len(value)} arrays, {sum(item.size for item in value.values()):,} numbers"
        return "{" + ", ".join(f"{key}: {_value(item, longest=6)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        return f"{len(value)} × {_value(value[0])}"
    text = ascii(value)
    return text if len(text) <= 200 else f"{text[:200]} …"
