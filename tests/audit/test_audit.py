"""CI's audit: of the default cases nothing of the catalogue survives, no correct rewrite fails, no margin is closed, no check is idle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from statistics import median

import pytest

from conformance.audit.kill_matrix import (
    MatrixRow,
    audit,
    condemned,
    endurance,
    idle_checks,
    margins,
    refuted,
    second_chances,
    survivors,
)
from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault, Replacement
from reference.specification import Spec, catalogue

SPECS = tuple(catalogue().values())
EXAMPLES, MEDIAN_CASES = 100, 5
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what a mistake divides by is its own affair
# With a scope, so that both tests of a specification run in a row, in the process that has its audit.
every_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name, scope="module")


@cache
def _rows(home: str) -> tuple[MatrixRow, ...]:
    """Of the entries whose nearest specification this is, each until it is caught: then it lies outside the budget, which is all that
    is asked of the margin here. `conformance audit` measures how wide it is.
    """
    at_home = [entry for entry in entries().values() if entry.specs[0] == home]
    return tuple(audit(at_home, SPECS, 0, EXAMPLES, until_caught=True))


@pytest.mark.slow
@every_spec
def test_everything_is_caught_and_nothing_right_fails(spec: Spec) -> None:
    """Mistakes are caught, soon; rewrites pass; both lie far apart; what is called equivalent shows nowhere."""
    rows = _rows(spec.name)
    assert [entry.id for entry in survivors(rows)] == []
    assert [(row.entry.id, row.first) for row in condemned(rows)] == []
    assert [row.entry.id for row in refuted(rows)] == []
    assert [margin for margin in margins(rows) if margin.closed] == []
    firsts = [f.first.case for f in rows if f.first is not None and f.entry.kind != "rewrite"]
    assert median(firsts or [0]) <= MEDIAN_CASES


@pytest.mark.slow
@every_spec
def test_no_check_is_idle(spec: Spec) -> None:
    """Every quantity of every specification catches something."""
    rows = [row for row in _rows(spec.name) if row.spec == spec.name]
    rows += second_chances(list(entries().values()), [spec], rows, 0, EXAMPLES)
    assert idle_checks(rows, [spec]) == []


@pytest.mark.slow
def test_rewrites_endure_other_seeds() -> None:
    """A glimpse of what `conformance audit --seeds 200` does."""
    rows = list(endurance(list(entries().values()), SPECS, 2))
    assert len(rows) >= 60
    assert [(row.entry.id, row.first) for row in condemned(rows)] == []


# What an audit would say of a catalogue that is not as it should be.

KL = catalogue()["vae_kl_loss"]


def _audited(*made: Fault) -> Sequence[MatrixRow]:
    return list(audit(made, [KL], 0, 8))


def test_a_fault_that_does_nothing_survives() -> None:
    """A check that cannot fail would not notice."""
    harmless = Fault(
        "harmless", (KL.name,), "", "", "", changes=(Replacement("formulas.variational:vae_kl_loss", "0.5 *", "1 / 2 *"),)
    )
    assert survivors(_audited(harmless)) == [harmless]
    assert survivors(_audited(replace(harmless, because="It is the same number."))) == []


def test_a_wrong_rewrite_is_condemned_and_closes_the_margin() -> None:
    """A mistake that calls itself correct."""
    rows = _audited(replace(entries()["half_missing"], kind="rewrite"), entries()["kl_negated"])
    assert {row.entry.id for row in condemned(rows)} == {"half_missing"}
    assert all(margin.closed for margin in margins(rows))


def test_a_wrong_proof_is_refuted() -> None:
    """A mistake that is said to show nowhere, and shows."""
    assert [f.entry.id for f in refuted(_audited(replace(entries()["half_missing"], because="It is not seen.")))] != []


def test_a_check_without_a_fault_is_idle() -> None:
    """The gradient, if no entry touches it."""
    assert idle_checks(_audited(entries()["kl_default_sum"]), [KL]) == [(KL.name, "gradient")]
