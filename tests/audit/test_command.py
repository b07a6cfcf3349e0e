"""`conformance audit`: what it prints, what it ends with, and what is left of it when it is interrupted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.audit import diagnosis_accuracy
from conformance.audit.diagnosis_accuracy import DiagnosedMistake, Figures
from conformance.commands import audit
from conformance.faults.catalogue import entries
from tests.harness.running import conformance, refused

SMALL = ("audit", "--spec", "l1_activity_loss", "--examples", "16")


def test_all_is_well(tmp_path: Path) -> None:
    """Exit 0; both figures and the kill matrix of one run."""
    matrix = tmp_path / "kills.csv"
    result = conformance(*SMALL, "--seeds", "2", "--matrix", str(matrix))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "51 of 51 mistakes and variants caught" in result.stdout
    assert "0 of 6 correct rewrites failed, 2 seeds." in result.stdout
    rows = list(csv.DictReader(matrix.read_text(encoding="utf-8").splitlines()))
    assert {row["kind"] for row in rows} == {"fault", "variant", "rewrite"}
    assert all(row["value"] or row["gradient"] for row in rows if row["kind"] == "fault" and row["dtype"] == "float64")


@pytest.mark.slow
def test_the_diagnosis_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0, and a row of figures; how fast this machine is decides nothing here."""
    monkeypatch.setattr(diagnosis_accuracy, "LONGEST_SECONDS", float("inf"))
    result = conformance("audit", "--spec", "pad_sequences", "--examples", "24", "--diagnosis")
    assert result.exit_code == 0, result.stdout
    assert "formulas float64  26/26 (100.0%)" in result.stdout


def test_a_survivor_is_named_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, with its id."""
    outcome = next(entry for entry in entries().values() if entry.specs == ("l1_activity_loss",) and entry.changes)
    same = replace(outcome.changes[0], new=outcome.changes[0].old)
    monkeypatch.setattr(audit, "entries", lambda: {"harmless": replace(outcome, id="harmless", changes=(same,))})
    result = conformance(*SMALL)
    assert result.exit_code == 1
    assert "survives: harmless (l1_activity_loss)" in result.stdout


def test_what_was_known_is_printed_after_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 130, but the table first."""

    def interrupted(*_: object) -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(audit, "endurance", interrupted)
    result = conformance(*SMALL, "--seeds", "3")
    assert result.exit_code == 130
    assert "51 of 51 mistakes and variants caught" in result.stdout
    assert "0 of 6 correct rewrites failed; the seeds were not finished." in result.stdout
    assert "Interrupted" in result.stderr


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    """An unknown specification, and a matrix where nothing can be written."""
    assert "did you mean 'vae_kl_loss'" in refused("audit", "--spec", "vae_kl_los")
    assert "matrix: cannot write" in refused(*SMALL, "--matrix", str(tmp_path / "none" / "kills.csv"))


@pytest.mark.parametrize(
    ("named", "seconds", "kept"),
    [(95, 0.5, True), (94, 0.1, False), (100, 0.51, False)],
    ids=["as promised", "too few", "too slow"],
)
def test_the_figures_that_are_promised(named: int, seconds: float, kept: bool) -> None:
    """95 of 100 in half a second; of pairs four fifths of those that show."""
    mistake = DiagnosedMistake(("a",), "f", "value", True, False, "", seconds)
    singles = [replace(mistake, named=number < named) for number in range(100)]
    assert Figures("", singles, []).kept is kept
    pairs = [replace(mistake, made=("a", "b"), seconds=0.1, named=n < 4, hidden=n == 5) for n in range(6)]
    assert Figures("", [], pairs).kept
    assert not Figures("", [], [replace(pair, hidden=False) for pair in pairs]).kept
