"""One case on one target, array by array: how it compares, what was expected, what came."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from conformance.cases.case import Case
from conformance.judging.compare import Comparison, compare
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import WITHOUT_VALUES
from conformance.reports.printed_values import budget_text, case_lines, number_text, value_text
from conformance.reports.result_table import MARK, STYLE
from conformance.respondent.frameworks import has_numbers
from conformance.respondent.responses import Output, Response, Returned
from reference.specification import Spec

# Arrays of a formula are shown in full where they are small, those of a model, of which there are many, where they are tiny.
_FORMULA, _MODEL = 24, 4


def show_case(spec: Spec, case: Case, console: Console) -> None:
    """What was asked: the specification, and every input in full where it is small."""
    console.print(f"{spec.name}  {case.dtype}  {case.id}", markup=False)
    _print(spec.equation, 2, console)
    for line in case_lines(case):
        _print(line, 2, console)


def show_answer(
    quantity: str, response: Response, expected: Mapping[str, Any], device: str, console: Console, every_value: bool = True
) -> bool:
    """Each array of a quantity with its verdict; without `every_value` only wrong ones in full. Returns whether all conform."""
    if not isinstance(response, Returned):
        _print(f"{MARK['errored']} {quantity}: does not conform: {response.sentence}", 2, console, STYLE["errored"])
        return False
    outputs = response.outputs
    arrays = {name: compare({name: expectation}, _only(name, outputs), device) for name, expectation in expected.items()}
    surplus = [name for name in outputs if name not in expected]
    good = all(comparison.agrees for comparison in arrays.values()) and not surplus
    outcome = "passed" if good else "failed"
    how = f" {WITHOUT_VALUES}" if good and any(comparison.without_values for comparison in arrays.values()) else ""
    _print(f"{MARK[outcome]} {quantity}: {f'conforms{how}' if good else 'does not conform'}", 2, console, STYLE[outcome])
    for name, comparison in arrays.items():
        answer, output = expected[name], outputs.get(name)
        value, dtype = (answer.value, answer.dtype) if isinstance(answer, Expected) else (answer, None)
        _print(f"{MARK['passed' if comparison.agrees else 'failed']} {name}: {_finding(name, comparison, dtype)}", 4, console)
        if every_value or not comparison.agrees:
            longest = _FORMULA if every_value else _MODEL
            _print(f"expected {value_text(value, longest, dtype)}", 8, console)
            _print(f"actual   {_actual_text(output, longest, dtype)}", 8, console)
    if surplus:
        _print(f"{MARK['failed']} too many: {', '.join(surplus)}", 4, console)
    return good


def _actual_text(output: Any, longest: int, dtype: str | None) -> str:
    if isinstance(output, Output) and not has_numbers(output.device):
        return f"shape {output.array.shape} on {output.device}, which holds no numbers"
    return value_text(output.array if isinstance(output, Output) else output, longest, dtype)


def _only(name: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: outputs[name]} if name in outputs else {}


def _finding(name: str, comparison: Comparison, dtype: str | None) -> str:
    """How much of the budget was used, and by which element."""
    if comparison.finding is not None and comparison.place == name:
        return comparison.finding
    if comparison.problem is not None:
        return comparison.problem
    if comparison.without_values:
        return f"agrees {WITHOUT_VALUES}"
    fraction, worst = budget_text(comparison.budget_used), comparison.worst
    if worst is None or not worst.index:
        return fraction
    element = f": expected {number_text(worst.expected, dtype)}, got {number_text(worst.actual, dtype)}"
    return f"{fraction} at {list(worst.index)}" + ("" if comparison.agrees else element)


def _print(text: str, indent: int, console: Console, style: str = "") -> None:
    """Wrapped lines are indented further than the first."""
    lines = textwrap.wrap(
        text, console.width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False
    )
    console.print("\n".join(lines), style=style, markup=False, soft_wrap=True)
