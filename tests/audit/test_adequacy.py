"""The default cases reach what the specifications ask for, and the measure sees it where they do not."""

from __future__ import annotations

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.audit.adequacy import adequacy
from conformance.cases import drawing
from conformance.cases.kinds import configurations, model_drawing
from conformance.judging.plan import EXAMPLES
from reference.specification import Spec, catalogue

SPECS = list(catalogue().values())


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_a_default_run_reaches_every_goal(spec: Spec) -> None:
    """Whoever adds a specification learns here what its cases do not show."""
    result = adequacy(spec, 0, EXAMPLES)
    assert result.goals > 10
    assert not result.missing


def test_few_cases_do_not_reach_everything() -> None:
    """A measure that nothing can fail would measure nothing."""
    assert adequacy(catalogue()["vae_kl_loss"], 0, 4).missing


def test_a_blind_spot_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without long axes, or without equal ones, the goals say so."""
    monkeypatch.setattr(drawing, "_LONG_AXES", (7,))
    assert "axis features of inputs past 100" in adequacy(catalogue()["mean_squared_error"], 0, EXAMPLES).missing


@pytest.mark.slow
def test_a_blind_spot_of_models_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tame weights never saturate; widths that are always different never make a square matrix."""
    monkeypatch.setattr(model_drawing, "_SATURATING", ())
    monkeypatch.setattr(configurations, "_with_lengths", lambda spec, arguments, recipe: dict(arguments))
    missing = adequacy(catalogue()["VariationalAutoencoder"], 0, EXAMPLES).missing
    assert "log_var above 10" in missing
    assert "encoder.0.weight square" in missing
