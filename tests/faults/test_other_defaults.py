"""Another default is said with its value, where one value explains every answer, and else that it is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.diagnosis.diagnosis import diagnose
from conformance.faults.catalogue import text_in
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Diagnosis
from conformance.judging.verify import verify
from conformance.targets.target import Target
from reference.specification import catalogue

PENALTY = """def l1_activity_loss(activations, weight=0.0375):
    return reference.l1_activity_loss(activations, weight)
"""
SLOPE = """def huber_loss(targets, predictions, delta=1.345, reduction="mean"):
    return reference.huber_loss(targets, predictions, delta, reduction)
"""
REDUCTION = """def huber_loss(targets, predictions, delta=1.0, reduction="none"):
    return reference.huber_loss(targets, predictions, delta, reduction)
"""
BETA = """class VariationalAutoencoder(reference.VariationalAutoencoder):
    def __init__(self, sizes=(784, 150, 100), latent=10, beta=0.25, activation="relu", **options):
        super().__init__(sizes, latent, beta, activation, **options)
"""
SIZES = """class SparseAutoencoder(reference.SparseAutoencoder):
    def __init__(self, sizes=(784, 64), **options):
        super().__init__(sizes, **options)
"""
HALVED = """def l1_activity_loss(activations, weight=None):
    value = reference.l1_activity_loss(activations, 1e-3 if weight is None else weight)
    return value ** 1.5 if weight is None else value
"""


def diagnosis_of(spec: str, body: str, folder: Path) -> Diagnosis:
    """What is said of the first quantity that fails."""
    file = folder / "unknown.py"
    file.write_text("import reference\n\n\n" + body, encoding="utf-8")
    plan = Plan((catalogue()[spec],), (Target(str(file), "numpy", dtype="float64"),))
    diagnosis = next((v.diagnosis for v in verify(plan, diagnose=diagnose) if v.diagnosis is not None), None)
    assert diagnosis is not None
    return diagnosis


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "body", "id"),
    [
        ("l1_activity_loss", PENALTY, "default#weight#0.0375#0.001"),
        ("huber_loss", SLOPE, "default#delta#1.345#1"),
        ("huber_loss", REDUCTION, "default#reduction#'none'#'mean'"),
        ("VariationalAutoencoder", BETA, "default#beta#0.25#1"),
        ("l1_activity_loss", HALVED, "another_default#weight#0.001"),
    ],
    ids=["a weight", "a number with digits", "an option", "of a model", "no value explains it"],
)
def test_another_default_is_said(spec: str, body: str, id: str, tmp_path: Path) -> None:
    """In both languages, with its value; a value is solved for, not only guessed."""
    diagnosis = diagnosis_of(spec, body, tmp_path)
    assert [match.ids for match in diagnosis.matches] == [(id,)], diagnosis.sentence
    assert text_in("en", id, "sentence") != text_in("ko", id, "sentence")
    assert "default" in diagnosis.matches[0].hints[0]
