"""What a person reads, at 80 columns and in a pipe."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest
from rich.console import Console

import reference  # noqa: F401  (fills the catalogue)
from conformance.judging.verdicts import Verdict
from conformance.reports import terminal
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.harness.samples import CASE, ERRORED, FAILED, NASTY, NOT_RUN, ONE, PASSED, UNSUPPORTED

FOUR = [Target(module, "torch", dtype=dtype) for module in ("impl_tf", "impl_torch") for dtype in ("float32", "float64")]


def _everything(targets: Sequence[Target], budget: float = 0.25) -> list[Verdict]:
    return [Verdict(s.name, t, q, "passed", 9, 0, budget) for s in catalogue().values() for t in targets for q in s.quantities]


def _printed(verdicts: Sequence[Verdict], width: int = 80, terminal_code: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal_code, highlight=False)
    console.print(terminal.summary(verdicts, 1.5), crop=False)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("outcome", ["passed", "failed"])
@pytest.mark.parametrize("budget", [0.0, 0.25, 999.0, 1e9, 1e300, math.inf])
def test_four_targets_fit_into_eighty_columns(budget: float, outcome: Any) -> None:
    """A row a specification where all is well, a row a quantity where something is not, none wrapped or cut off."""
    verdicts = [replace(v, outcome=outcome) if v.target == FOUR[-1] else v for v in _everything(FOUR, budget)]
    lines = _printed(verdicts).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("specification"))
    rows = list(takewhile(lambda line: "✓ " in line and "✓ passed" not in line, lines[start + 1 :]))
    specs = catalogue().values()
    assert len(rows) == (len(specs) if outcome == "passed" else sum(len(spec.quantities) for spec in specs))
    assert all(row.count("✓") + row.count("✗") == 4 for row in rows)
    assert not any("…" in line for line in lines[: start + 1 + len(rows)])
    assert all(len(line) <= 80 for line in lines[: start + 1 + len(rows)])


@pytest.mark.parametrize("width", [80, 60, 40])
@pytest.mark.parametrize("count", [1, 5, 12])
def test_a_table_is_never_cut(count: int, width: int) -> None:
    """However many targets and however narrow the terminal: every cell is there, in blocks, and no line is longer than there is room."""
    targets = [Target(f"submissions/of/a/long/name/student_{i}.py", "numpy", dtype="float64") for i in range(count)]
    verdicts = [replace(v, budget_used=0.25 + i / 100) for i, t in enumerate(targets) for v in _everything([t])]
    lines = _printed(verdicts, width).splitlines()
    assert all(len(line) <= width for line in lines)
    text = "\n".join(lines)
    assert "…" not in text
    for i in range(count):
        assert text.count(f"✓ {0.25 + i / 100:.2f}") == len(catalogue())
        assert f"student_{i}" in text


def test_every_symbol_is_explained() -> None:
    """What is in the table is in the legend, and nothing else is."""
    outcomes = [
        replace(PASSED, budget_used=0.0), FAILED,
        replace(FAILED, spec="b", budget_used=math.inf), replace(ERRORED, spec="c"), replace(UNSUPPORTED, spec="d"),
    ]  # fmt: skip
    legend = " ".join(_printed([replace(v, target=FOUR[0]) for v in outcomes]).split())
    for words in (
        "✓ passed",
        "✗ failed",
        "! errored",
        "– not offered",
        "= exactly equal",
        "× wrong in a way that no number measures",
        "1 is the limit",
    ):
        assert words in legend
    plain = " ".join(_printed([PASSED]).split())
    assert "✓ passed." in plain
    assert not any(symbol in plain for symbol in "✗!–=×")


def test_a_broken_target_is_named_once() -> None:
    """With its reason, beside the verdict of the others; alone it is nothing that was checked."""
    broken = [
        replace(NOT_RUN, target=replace(ONE, module="theirs", broken="no import"), reason="no import", quantity=q)
        for q in ("value", "gradient")
    ]
    lines = _printed([PASSED, *broken]).splitlines()
    assert "Cannot be run: theirs: no import." in lines
    assert lines[-1].startswith("1 check conforms; 1 target cannot be run (")
    assert _printed(broken).splitlines()[-1] == "Nothing was checked."


def test_a_pipe_gets_no_colours() -> None:
    """Without a terminal there is not one escape code; with one there is."""
    verdicts = [PASSED, FAILED, ERRORED, UNSUPPORTED, NOT_RUN]
    assert "\x1b" not in _printed(verdicts)
    assert "\x1b" in _printed(verdicts, terminal_code=True)


def test_every_outcome_has_its_mark() -> None:
    """Passed, failed, errored and unsupported can be told apart without colour."""
    marks = {v.outcome: _printed([replace(v, target=FOUR[0])]).splitlines() for v in (PASSED, FAILED, ERRORED, UNSUPPORTED)}
    row = {outcome: next(line for line in lines if line.startswith("vae_kl_loss")) for outcome, lines in marks.items()}
    assert [next(c for c in row[o] if c in "✓✗!–·") for o in ("passed", "failed", "errored", "unsupported")] == ["✓", "✗", "!", "–"]


@pytest.mark.parametrize(("used", "text"), [(0.0, "="), (0.126, "0.13"), (7.5, "7.50"), (12345.0, "1e+04"), (math.inf, "×")])
def test_the_budget_used_is_shown(used: float, text: str) -> None:
    """Exact agreement, a fraction, a multiple, or beyond all measure."""
    assert f" {text}" in _printed([replace(FAILED, budget_used=used)]).splitlines()[2]


def test_a_failure_says_what_to_look_at() -> None:
    """Reason, counts, inputs and the command."""
    text = _printed([PASSED, FAILED])
    for words in (
        "mean: wrong",
        "3 of 20 cases fail",
        "mean = [[",
        "log_var = [[",
        f"conformance reproduce {CASE.id} --target impl_torch",
    ):
        assert words in text
    assert text.splitlines()[-1].startswith("1 of 2 checks do not conform (40 cases, 1.5 s)")


@pytest.mark.parametrize("width", [80, 40])
def test_the_command_that_reproduces_is_one_line(width: int) -> None:
    """However long the path, the command is not broken, so that it can be copied."""
    target = Target("submissions/winter/" + "very-long-name/" * 8 + "vae.py", "numpy")
    verdict = replace(FAILED, target=target)
    assert any(line.strip() == verdict.reproduce for line in _printed([verdict], width).splitlines())


def test_failures_for_the_same_reason_are_shown_once() -> None:
    """Value and gradient that fail alike are one story; other targets are another."""
    alike = [replace(ERRORED, quantity=q) for q in ("value", "gradient")]
    assert _printed(alike).count("raised ValueError: no") == 1
    assert _printed([*alike, replace(ERRORED, target=FOUR[0])]).count("raised ValueError: no") == 2


def test_many_failures_are_counted_not_shown() -> None:
    """After eight failures the rest is a number and a hint."""
    text = _printed([replace(FAILED, reason=f"reason {i}", spec=f"spec {i}") for i in range(11)])
    assert text.count("cases fail") == 8
    assert "3 more" in text
    assert "--report" in text


def test_what_was_not_run_is_said_once() -> None:
    """Every reason once with what it concerns; absent hardware is no row of dots."""
    text = _printed([PASSED, *(replace(NOT_RUN, quantity=q) for q in ("value", "gradient")), UNSUPPORTED])
    assert text.count("no CUDA") == 1
    assert "Not run: impl_torch on cuda" in text
    assert "has no gradient" in text
    assert "1 check conforms" in text


def test_nothing_checked_is_not_success() -> None:
    """If nothing was compared the last line says so."""
    for verdicts in ([], [NOT_RUN], [UNSUPPORTED]):
        assert _printed(verdicts).splitlines()[-1] == "Nothing was checked."


def test_columns_say_what_differs() -> None:
    """Device and mode stand in the heading where they are not the usual ones; two files of the same name can be told apart."""
    targets = [FOUR[0], replace(FOUR[0], device="cuda"), replace(FOUR[0], mode="compiled")]
    text = _printed(_everything(targets), 120)
    assert all(word in text for word in ("cuda", "compiled", "eager"))
    text = _printed(_everything([Target("ada/vae.py", "numpy"), Target("bob/vae.py", "numpy")]), 120)
    assert "ada" in text
    assert "bob" in text


def test_markup_and_control_characters_are_not_obeyed() -> None:
    """What a target says is printed as text: no colours, no cursor movements, nothing that the stream cannot encode."""
    text = _printed([replace(FAILED, reason=f"[red]stop[/red] {NASTY}")])
    assert "[red]stop[/red]" in text
    assert not any(c in text for c in "\x00\x07\x1b")
    text.encode("utf-8")
