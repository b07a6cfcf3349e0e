"""The result table: specifications by targets, in as many blocks as the width asks for, so that no cell is ever cut."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from conformance.judging.verdicts import STRUCTURE_ONLY, WITHOUT_VALUES, Verdict
from conformance.respondent.frameworks import has_numbers
from conformance.targets.target import Target

MARK = {"passed": "✓", "failed": "✗", "errored": "!", "unsupported": "–", "not run": "·"}
STYLE = {"passed": "green", "failed": "bold red", "errored": "bold magenta", "unsupported": "yellow", "not run": "dim"}
_SHORT = {"float64": "f64", "float32": "f32", "bfloat16": "bf16", "float16": "f16", "tf32": "tf32"}
_GAP = 2
_WIDEST_HEADING = 20


class ResultTable:
    """What is printed for the verdicts: blocks of columns, and what the symbols in them mean."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self.targets = list(dict.fromkeys(v.target for v in verdicts))
        self.rows = list(_rows(verdicts, self.targets))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        headings = [_heading(target, self.targets) for target in self.targets]
        widths = [
            max(*map(len, heading.splitlines()), *(len(cells[i].plain) for _, cells in self.rows)) + _GAP
            for i, heading in enumerate(headings)
        ]
        room = options.max_width - max(len("specification"), *(len(name.plain) for name, _ in self.rows)) - _GAP
        for number, block in enumerate(_blocks(widths, room)):
            if number:
                yield Text("")
            table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
            table.add_column("specification", overflow="fold")
            for i in block:
                table.add_column(headings[i], justify="right", overflow="fold")
            for name, cells in self.rows:
                table.add_row(name, *(cells[i] for i in block))
            yield table
        yield Text(self.legend(), style="dim")

    def legend(self) -> str:
        """Every symbol that is in the table, explained."""
        symbols = "".join(cell.plain for _, cells in self.rows for cell in cells)
        meanings = {
            "✓": "✓ passed",
            "≈": "≈ passed, with a remark",
            "✗": "✗ failed: it answered, wrongly",
            "!": "! errored: it raised, ran out of time or ended its process",
            "–": "– not offered",
            "=": "= exactly equal",
            "×": "× wrong in a way that no number measures",
        }
        explanations = [meaning for symbol, meaning in meanings.items() if symbol in symbols]
        number = "The numbers are the largest fraction of the error budget used; 1 is the limit."
        lines = [*([number] if any(c.isdigit() for c in symbols) else []), "; ".join(explanations) + "."]
        numberless = dict.fromkeys(target.device for target in self.targets if not has_numbers(target.device))
        return "\n".join([*lines, *(f"On {device} {STRUCTURE_ONLY}: ✓ passed {WITHOUT_VALUES}." for device in numberless)])


def _blocks(widths: Sequence[int], room: int) -> list[list[int]]:
    """The columns in order, as many in a block as there is room for, at least one."""
    blocks: list[list[int]] = [[]]
    for i, width in enumerate(widths):
        if blocks[-1] and sum(widths[j] for j in blocks[-1]) + width - _GAP > room:
            blocks.append([])
        blocks[-1].append(i)
    return blocks


def _rows(verdicts: Sequence[Verdict], targets: Sequence[Target]) -> Iterator[tuple[Text, list[Text]]]:
    """One line a specification where all is well; a line a quantity where something is not."""
    for spec in dict.fromkeys(v.spec for v in verdicts):
        own = [v for v in verdicts if v.spec == spec]
        if all(v.outcome == "unsupported" and v.cases == 0 for v in own):
            continue  # nobody was asked; it is named below the table
        quantities = list(dict.fromkeys(v.quantity for v in own))
        rows = [quantities] if all(v.outcome == "passed" for v in own) else [[quantity] for quantity in quantities]
        for position, row in enumerate(rows):
            name = Text(spec if position == 0 else " " * 2)
            if len(rows) > 1:
                name.append(f" {row[0]}", style="dim")
            yield name, [_cell([v for v in own if v.quantity in row and v.target == target]) for target in targets]


def _heading(target: Target, targets: Sequence[Target]) -> str:
    """Name and dtype; device and mode where they differ between columns; the whole path where two names are alike."""
    alike = {t.module for t in targets if t.name == target.name}
    name = target.name if len(alike) == 1 else target.module
    lines = [name[i : i + _WIDEST_HEADING] for i in range(0, len(name), _WIDEST_HEADING)] + [_SHORT[target.dtype]]
    if len({t.device for t in targets}) > 1 or target.device != "cpu":
        lines += [target.device] if has_numbers(target.device) else [target.device, STRUCTURE_ONLY]
    if len({t.mode for t in targets}) > 1 or target.mode != "eager":
        lines.append(target.mode)
    return "\n".join(lines)


def budget_number(fraction: float) -> str:
    """A fraction of the error budget in few letters: = for exactly equal, × for what no number measures."""
    return "=" if fraction == 0 else "×" if fraction == math.inf else f"{fraction:.2f}" if fraction < 1000 else f"{fraction:.0e}"


def _cell(verdicts: Sequence[Verdict]) -> Text:
    """The outcome, and the largest fraction used."""
    if not verdicts:
        return Text("")
    verdict = max(verdicts, key=lambda v: v.budget_used or 0.0)
    remarked = verdict.outcome == "passed" and any(v.remarks for v in verdicts)
    text = Text("≈" if remarked else MARK[verdict.outcome], style=STYLE[verdict.outcome])
    fraction = verdict.budget_used
    if verdict.outcome in ("passed", "failed") and fraction is not None:
        text.append(f" {budget_number(fraction)}")
    return text
