"""A check that cannot fail is a defect: every liar is caught, and the honest one passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cases.case import cases
from conformance.judging.expectation import expect
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import judge
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target
from reference import vae_kl_loss  # noqa: F401  (fills the catalogue)
from reference.specification import catalogue
from tests.harness.liars import HONEST, LIARS, SAYS_YES, Liar

SPEC = catalogue()["vae_kl_loss"]


@pytest.fixture(scope="module")
def prepared():
    return [(case, expect(SPEC, case)) for case in cases(SPEC, "float64", seed=0, examples=40)]


def _judge(folder: Path, source: str, framework: str, prepared) -> dict[str, Verdict]:
    path = folder / "liar.py"
    path.write_text(source, encoding="utf-8")
    subject = LocalSubject.of(Target(str(path), framework, dtype="float64"))
    return {verdict.quantity: verdict for verdict in judge(subject, SPEC, prepared, seconds=0.3)}


def test_the_honest_one_passes(tmp_path: Path, prepared) -> None:
    """A right implementation passes value and gradient, well inside its budget."""
    verdicts = _judge(tmp_path, HONEST, "torch", prepared)
    assert [v.outcome for v in verdicts.values()] == ["passed", "passed"]
    assert all(v.budget_used is not None and 0 < v.budget_used < 0.5 for v in verdicts.values())


@pytest.mark.parametrize("liar", LIARS.values(), ids=LIARS.keys())
def test_every_liar_is_caught(liar: Liar, tmp_path: Path, prepared, capfd: pytest.CaptureFixture[str]) -> None:
    """The outcome is the deserved one, the reason says why in one line, and nothing of what the liar prints comes through."""
    verdicts = _judge(tmp_path, liar.source, "torch", prepared)
    assert (verdicts["value"].outcome, verdicts["gradient"].outcome) == (liar.value, liar.gradient)
    reasons = [v.reason for v in verdicts.values() if v.outcome != "passed"]
    assert all(reason and "\n" not in reason for reason in reasons)
    assert not reasons or any(liar.reason in reason for reason in reasons if reason)
    assert capfd.readouterr().out == ""


def test_an_array_that_says_yes_is_not_believed(tmp_path: Path, prepared) -> None:
    """An ndarray subclass with its own comparisons is refused before anything is compared."""
    verdicts = _judge(tmp_path, SAYS_YES, "numpy", prepared)
    assert verdicts["value"].outcome == "failed"
    assert "Yes" in (verdicts["value"].reason or "")


def test_the_counterexample_is_small(tmp_path: Path, prepared) -> None:
    """A missing one half is shown on one sample, one unit and round numbers."""
    verdict = _judge(tmp_path, HONEST.replace("0.5 *", "1.0 *"), "torch", prepared)["value"]
    case = verdict.counterexample
    assert case is not None
    assert case.inputs["mean"].shape == (1, 1)
    assert float(case.inputs["mean"][0, 0]) in (0.0, 1.0)
    assert float(case.inputs["log_var"][0, 0]) in (0.0, 1.0)
