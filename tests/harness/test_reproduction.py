"""What `reproduce` shows: every array with its verdict, the element that used most of its budget, and nothing wider than the terminal."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import Case, Recipe, draw
from conformance.cases.profiles import ROUND
from conformance.judging.expectation import Expected
from conformance.reports.printed_values import budget_text, case_lines, number_text, value_text
from conformance.reports.reproduction import show_answer, show_case
from conformance.respondent.responses import Crashed, Output, Raised, Response, Returned, TimedOut
from reference.specification import catalogue

EXPECTED = {
    name: Expected(np.array(value), np.array(0.5), "float64")
    for name, value in (("first", [[1.0, 2.0]]), ("second", [3.0, 4.0, 5.0]))
}


def _returned(**arrays: Any) -> Returned:
    return Returned({name: Output(np.array(array), "float64", "cpu") for name, array in arrays.items()})


def _shown(response: Response, expected: Mapping[str, Any] = EXPECTED, width: int = 80, **options: Any) -> tuple[str, bool]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    good = show_answer("value", response, expected, "cpu", console, **options)
    return console.file.getvalue(), good  # type: ignore[attr-defined]


def test_every_array_has_its_own_verdict() -> None:
    """One wrong array does not hide that the others are right; of each the worst element is named with its share of the budget."""
    text, good = _shown(_returned(first=[[1.0, 2.125]], second=[3.0, 4.0, 9.0]))
    assert not good
    assert [line.strip() for line in text.splitlines()] == [
        "✗ value: does not conform",
        "✓ first: 0.25 of the error budget at [0, 1]", "expected [[1.0, 2.0]]", "actual   [[1.0, 2.125]]",
        "✗ second: 8 × the error budget at [2]: expected 5.0, got 9.0", "expected [3.0, 4.0, 5.0]", "actual   [3.0, 4.0, 9.0]",
    ]  # fmt: skip


def test_what_is_right_needs_no_values_where_there_is_much_of_it() -> None:
    """Of a model only wrong arrays are written out."""
    text, good = _shown(_returned(first=[[1.0, 2.0]], second=[3.0, 4.0, 9.0]), every_value=False)
    assert not good
    assert text.count("expected [") == text.count("actual   [") == 1
    assert "✓ first: exactly equal" in text


def test_all_is_well() -> None:
    """Then it says so, and nothing else."""
    text, good = _shown(_returned(first=[[1.0, 2.0]], second=[3.0, 4.0, 5.0]))
    assert good
    assert text.startswith("  ✓ value: conforms\n")
    assert "✗" not in text


@pytest.mark.parametrize(("response", "words"), [
    (_returned(first=[[1.0, 2.0]]), "✗ second: expected results named second; missing second"),
    (_returned(first=[[1.0, 2.0]], second=[3.0, 4.0, 5.0], third=1.0), "✗ too many: third"),
    (_returned(first=[[1.0, math.nan]], second=[3.0, 4.0, 5.0]), "✗ first: is NaN at index (0, 1), expected 2.0"),
    (_returned(first=[1.0], second=[3.0, 4.0, 5.0]), "✗ first: expected shape (1, 2), got (1,)"),
    (Raised("E", "no", "vae.py:3"), "! value: does not conform: raised E: no (vae.py:3)"),
    (TimedOut(2), "within 2 s"), (Crashed("signal 9"), "signal 9"),
])  # fmt: skip
def test_what_is_no_matter_of_numbers_is_a_sentence(response: Response, words: str) -> None:
    """Missing, surplus, NaN, a wrong shape, or no answer at all."""
    text, good = _shown(response)
    assert not good
    assert words in text


def test_exact_results_are_shown_too() -> None:
    """Ids and vocabularies have no budget; they are equal or they are not."""
    expected = {"vocabulary": [["a", 1]], "ids": [1, 2]}
    text, good = _shown(Returned({"vocabulary": [["a", 1]], "ids": [1, 3]}), expected)
    assert not good
    for words in ("✓ vocabulary: exactly equal", "ids[1]: expected 2, got 3", "expected [1, 2]", "actual   [1, 3]"):
        assert words in text


@pytest.mark.parametrize("width", [80, 40])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    """Long arrays are wrapped, and wrapped lines are indented."""
    many = np.linspace(0.1, 1.7, 20)
    text, _ = _shown(_returned(first=-many), {"first": Expected(many, np.array(1e-3), "float64")}, width)
    assert all(len(line) <= width for line in text.splitlines())
    assert all(line.startswith("  ") for line in text.splitlines())
    assert repr(float(many[-1])) in text


def test_scalars_are_numbers() -> None:
    """Nobody wants to read np.float64(0.1)."""
    assert value_text(np.float64(0.1)) == "0.1"
    assert value_text([{"a": np.zeros(1)}, {"a": np.ones(1)}]) == "2 × {a: [0.]}"
    assert value_text([{"a": np.zeros(2)}, {"a": np.ones(1)}]) == "1 × {a: [0., 0.]}, then {a: [1.]}"
    assert value_text([np.float32(0.5), (np.int64(3),)]) == "[0.5, (3,)]"
    assert value_text({"rate": np.float64(0.25)}) == "{rate: 0.25}"


@pytest.mark.parametrize(("number", "dtype", "text"), [
    (1 / 3, "float64", "0.3333333333333333"), (1 / 3, "float32", "0.333333333"), (1 / 3, "bfloat16", "0.3333"), (0.5, "float32", "0.5"),
    (math.inf, "float32", "inf"), (7, "int32", "7"), (7, "float32", "7"),
])  # fmt: skip
def test_digits_follow_the_dtype(number: Any, dtype: str, text: str) -> None:
    """As many as tell two numbers of the dtype apart, and no more."""
    assert number_text(number, dtype) == text


def test_budgets_in_words() -> None:
    """Equal, a share, a multiple, beyond measure."""
    words = [budget_text(used) for used in (0.0, 0.126, 7.5, 1e9, math.inf)]
    assert words == [
        "exactly equal",
        "0.13 of the error budget",
        "7.5 × the error budget",
        "1e+09 × the error budget",
        "beyond every budget",
    ]


def test_a_case_is_shown_one_input_a_line() -> None:
    """Small arrays in full, large ones by shape and range, batches by their number, texts in ASCII and cut."""
    (batches,) = [
        line for line in case_lines(draw(catalogue()["StackedAutoencoder"], "float32", Recipe(ROUND, 4, 0))) if "batches" in line
    ]
    assert batches.startswith("batches = 10 × {inputs:")
    inputs = {
        "a": np.array([[1.5, 2.0]]),
        "b": np.arange(60.0),
        "t": ["\ud800é" * 100],
        "n": None,
        "e": np.zeros((0, 3)),
        "l": np.zeros((30, 0)),
    }
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show_case(catalogue()["vae_kl_loss"], Case("vae_kl_loss", "float64", inputs), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= 80 for line in text.splitlines())
    for words in (
        "a = [[1.5, 2. ]]",
        "b = (60,) from 0 to 59",
        "\\ud800",
        "n = None",
        "…",
        catalogue()["vae_kl_loss"].equation[:20],
    ):
        assert words in text
