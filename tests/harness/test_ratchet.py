"""Recorded budget use: what grows past it is seen, what another processor may use is not, and the file is one that can be reviewed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.reports.ratchet import read
from conformance.tolerance import RATCHET_STEP, has_grown, recorded_use
from reference.specification import catalogue
from tests.architecture.signatures import ROOT
from tests.harness.running import conformance, refused
from tests.harness.written_reports import verdict, written


def _report(folder: Path, *verdicts: dict[str, Any], **header: Any) -> str:
    return str(written(folder, *verdicts, **header))


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    """What a run recorded that used a twentieth of one budget and none of another."""
    path = tmp_path / "ratchet.json"
    report = _report(tmp_path / "first", verdict(budget_used=0.05), verdict(quantity="gradient", budget_used=0))
    assert conformance("compare", report, "--ratchet", str(path), "--record").exit_code == 0
    return path


def test_what_is_recorded_is_rounded_up() -> None:
    """So that the file is the same on many machines; room is left for one rounding at least, and for two steps at most."""
    assert [recorded_use(used) for used in (0.0, 1e-9, 0.05, 0.125, 0.126, 0.9, 1.0)] == [0, 0.125, 0.125, 0.125, 0.25, 1, 1]
    for used in (0.0, 0.05, 0.3, 0.62):
        assert not has_grown(used + RATCHET_STEP, recorded_use(used))
        assert has_grown(used + 2.01 * RATCHET_STEP, recorded_use(used))
    assert has_grown(float("nan"), 1.0)


def test_the_file_is_sorted_and_small(limits: Path) -> None:
    """A check a line; what decides which cases were drawn stands in it too."""
    assert json.loads(limits.read_text()) == {
        "schema": 1,
        "drawn": {"seed": 3},
        "budget_used": {"mine cpu float32 eager": {"vae_kl_loss gradient": 0.0, "vae_kl_loss value": 0.125}},
    }
    assert limits.read_text().splitlines()[2:5] == [
        '  "mine cpu float32 eager": {',
        '   "vae_kl_loss gradient": 0.0,',
        '   "vae_kl_loss value": 0.125',
    ]


def test_a_rewrite_cannot_drift_unnoticed(tmp_path: Path, limits: Path) -> None:
    """From a twentieth to nine tenths is seen, though all conforms; recorded, it is what is held to."""
    grown = _report(tmp_path / "grown", verdict(budget_used=0.9))
    result = conformance("compare", grown, "--ratchet", str(limits))
    assert result.exit_code == 1
    assert "    vae_kl_loss value: 0.90 of the budget, 0.125 is recorded" in result.stdout
    assert conformance("compare", grown, "--ratchet", str(limits), "--record").exit_code == 0
    assert conformance("compare", grown, "--ratchet", str(limits)).exit_code == 0
    assert json.loads(limits.read_text())["budget_used"]["mine cpu float32 eager"] == {
        "vae_kl_loss gradient": 0.0,
        "vae_kl_loss value": 1.0,
    }


def test_what_another_processor_may_use_is_let_through(tmp_path: Path, limits: Path) -> None:
    """One rounding of the largest term is no drift."""
    other = _report(tmp_path / "other", verdict(budget_used=0.2), verdict(quantity="gradient", budget_used=0.12))
    assert conformance("compare", other, "--ratchet", str(limits)).exit_code == 0


def test_the_later_of_two_runs_is_held_to_it(tmp_path: Path, limits: Path) -> None:
    """Both are said: that nothing began to fail, and that more of a budget is used than is recorded."""
    grown = _report(tmp_path / "grown", verdict(budget_used=0.9))
    result = conformance("compare", str(tmp_path / "first"), grown, "--ratchet", str(limits))
    assert result.exit_code == 1
    assert "Nothing got worse." in result.stdout
    assert "past what is recorded" in result.stdout
    page = conformance("compare", str(tmp_path / "first"), grown, "--ratchet", str(limits), "--format", "html")
    assert page.stdout.rstrip().endswith("</html>")
    assert "past what is recorded" in page.stderr


def test_what_is_new_has_to_be_recorded(tmp_path: Path, limits: Path) -> None:
    """A check of which nothing is recorded, and a form that loses digits: either could hide a drift."""
    new = _report(tmp_path / "new", verdict(spec="huber_loss"))
    assert (
        "huber_loss value: 0.25 of the budget, and nothing is recorded"
        in conformance("compare", new, "--ratchet", str(limits)).stdout
    )
    remarked = _report(tmp_path / "remarked", verdict(budget_used=0.05, remarks=[{"form": "naive", "sentence": "loses digits"}]))
    result = conformance("compare", remarked, "--ratchet", str(limits))
    assert (result.exit_code, "vae_kl_loss value: passes as naive now" in result.stdout) == (1, True)
    assert conformance("compare", remarked, "--ratchet", str(limits), "--record").exit_code == 0
    assert conformance("compare", remarked, "--ratchet", str(limits)).exit_code == 0


def test_what_got_better_can_be_tightened(tmp_path: Path) -> None:
    """It is said, and fails nobody."""
    path, much, little = (
        str(tmp_path / "r"),
        _report(tmp_path / "much", verdict(budget_used=0.9)),
        _report(tmp_path / "little", verdict()),
    )
    assert conformance("compare", much, "--ratchet", path, "--record").exit_code == 0
    result = conformance("compare", little, "--ratchet", path)
    assert (result.exit_code, "1 of them" in result.stdout) == (0, True)


def test_what_fails_is_not_recorded(tmp_path: Path, limits: Path) -> None:
    """Neither now nor as what is allowed later; the exit code says that something does not conform."""
    bad = _report(
        tmp_path / "bad", verdict(outcome="failed", budget_used=3.0), verdict(spec="b", outcome="not run", budget_used=None)
    )
    before = json.loads(limits.read_text())
    for extra in ((), ("--record",)):
        result = conformance("compare", bad, "--ratchet", str(limits), *extra)
        assert (result.exit_code, result.stdout.splitlines()[-1]) == (1, "1 check does not conform.")
    assert json.loads(limits.read_text()) == before


def test_use_of_other_cases_is_no_growth(tmp_path: Path, limits: Path) -> None:
    """Another seed is refused, for holding to the ratchet and for recording."""
    other = _report(tmp_path / "other", verdict(), seed=4)
    for extra in ((), ("--record",)):
        assert "with seed 3, got 4" in refused("compare", other, "--ratchet", str(limits), *extra)


@pytest.mark.parametrize(
    "content",
    ["", "no json", "[]", "{}", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "drawn": {}, "budget_used": []}',
     '{"schema": 1, "drawn": {"seed": 3}, "budget_used": {"a": 1}}', '{"schema": 1, "drawn": {"seed": 3}, "budget_used": {"a": {"b": 2}}}',
     '{"schema": 1, "drawn": {"seed": 3}, "budget_used": {"a": {"b": true}}}',
     '{"schema": 1, "drawn": {"seed": 3}, "budget_used": {"a": {"b": {}}}}',
     "[" * 100_000],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    """In one line that names it, and it stays as it is."""
    path, report = tmp_path / "ratchet.json", _report(tmp_path / "report", verdict())
    path.write_text(content)
    for extra in ((), ("--record",)):
        assert str(path) in refused("compare", report, "--ratchet", str(path), *extra)
    assert path.read_text() == content


def test_places_that_cannot_be_used(tmp_path: Path) -> None:
    """No file to hold to, a folder that is not there, and an option without the one that it needs."""
    report = _report(tmp_path / "report", verdict())
    assert "--record writes it" in refused("compare", report, "--ratchet", str(tmp_path / "none"))
    assert "cannot write" in refused("compare", report, "--ratchet", str(tmp_path / "no" / "r"), "--record")
    assert "expected --ratchet FILE" in refused("compare", report, "--record")


def test_this_project_is_held_to_what_it_recorded() -> None:
    """The file that CI reads can be read, and holds what CI asks: every formula that has an error budget, in both frameworks and dtypes."""
    script = (ROOT / ".ci" / "run").read_text()
    (names,) = re.findall(r"^formulas=\((.*)\)$", script, re.MULTILINE)
    asked = {f"{name} {quantity}" for name in names.split() for quantity in catalogue()[name].quantities}
    ratchet = read(ROOT / ".ci" / "ratchet.json")
    assert {where: set(own) for where, own in ratchet.uses.items()} == {
        f"{package} cpu {dtype} eager": asked for package in ("impl_tf", "impl_torch") for dtype in ("float32", "float64")
    }
    assert set(names.split()) == {
        spec.name for spec in catalogue().values() if spec.kind == "function" and "gradient" in spec.quantities
    }
    assert "--examples 20" in script
    assert ratchet.drawn == {"seed": 0, "examples": 20, "images": "digits"}
