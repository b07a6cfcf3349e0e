"""Mutants of a small package of its own: a wrong one is killed, an equal one survives, and what is never asked is said to be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.audit.mutation import Examination, Prepared, drawn, examined, generated
from conformance.judging.default_cases import DefaultCases
from reference.specification import Spec, catalogue

SOURCE = """import numpy as np


def l1_activity_loss(activations, weight=1e-3):
    return weight * np.abs(activations).sum() / len(activations)


def l1_activity_loss_vjp(cotangent, activations, weight=1e-3):
    return {"activations": cotangent * weight * np.sign(activations) / len(activations)}


def never_asked(activations):
    return activations + 1
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An importable package that computes in one room."""
    room = tmp_path / "tiny_losses" / "formulas"
    room.mkdir(parents=True)
    (room / "__init__.py").touch()
    (room / "activity.py").write_text(SOURCE)
    (room.parent / "__init__.py").write_text("from tiny_losses.formulas.activity import l1_activity_loss, l1_activity_loss_vjp\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "tiny_losses"


def prepared(count: int = 16) -> dict[tuple[str, str], tuple[Spec, Prepared]]:
    spec = catalogue()["l1_activity_loss"]
    return {(spec.name, "float64"): (spec, list(DefaultCases(spec, "float64", 0, count)))}


def examinations(package: str, piece: str) -> list[Examination]:
    """What became of the mutants whose new source is the piece."""
    mutants = [mutant for mutant in generated(package) if mutant.new == piece]
    assert mutants
    return list(examined(package, mutants, prepared(), jobs=2))


def test_a_wrong_mutant_is_killed_and_says_by_what(package: str) -> None:
    """The first case that catches it is named."""
    (examination,) = examinations(package, "(weight * np.abs(activations).sum()) * (len(activations))")
    assert examination.reached
    assert examination.killed_by == "l1_activity_loss value float64, case 1"


def _only_where_batches_are_long(package: str) -> list[Examination]:
    mutants = [mutant for mutant in generated(package) if mutant.condition == "more than 32 samples" and "loss" in mutant.function]
    return list(examined(package, mutants, prepared(), jobs=2))


def test_a_mutant_that_changes_nothing_survives(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its condition is never met where no batch is long, and that is said of it."""
    monkeypatch.setattr("conformance.cases.drawing._LONG_AXES", (7,))
    results = _only_where_batches_are_long(package)
    assert results
    assert all(result.killed_by is None and result.reached and not result.applied for result in results)


def test_a_mutant_of_long_batches_is_met(package: str) -> None:
    """The default cases have some."""
    assert any(result.applied and result.killed_by is not None for result in _only_where_batches_are_long(package))


def test_what_no_case_runs_is_said_to_be_out_of_reach(package: str) -> None:
    """It is not passed for having been examined."""
    results = list(examined(package, [m for m in generated(package) if m.function == "never_asked"], prepared(), jobs=2))
    assert results
    assert all(result.killed_by is None and not result.reached for result in results)


def test_a_mutant_that_never_returns_is_killed(package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The time limit of a case ends it."""
    monkeypatch.setattr("conformance.audit.mutation.SECONDS_A_CASE", 0.5)
    file = tmp_path / "tiny_losses" / "formulas" / "activity.py"
    endless = "    if len(activations) < 0:\n        while True:\n            pass\n    return weight"
    file.write_text(SOURCE.replace("    return weight", endless, 1))
    (examination,) = examinations(package, "True")  # in place of the condition
    assert examination.killed_by is not None


def test_a_package_that_is_wrong_itself_is_refused(package: str, tmp_path: Path) -> None:
    """A kill would prove nothing."""
    file = tmp_path / "tiny_losses" / "formulas" / "activity.py"
    file.write_text(SOURCE.replace(".sum()", ".mean()"))
    with pytest.raises(ValueError, match="fails l1_activity_loss value"):
        list(examined(package, generated(package)[:1], prepared(), jobs=1))


def test_a_draw_is_repeatable_and_in_order(package: str) -> None:
    """The same seed gives the same mutants; each stands once."""
    once, again = drawn([package], 10, 1), drawn([package], 10, 1)
    assert once == again
    assert len({mutant.id for mutant in once}) == 10
    assert once == [mutant for mutant in generated(package) if mutant in once]
    assert drawn([package], 10, 2) != once
