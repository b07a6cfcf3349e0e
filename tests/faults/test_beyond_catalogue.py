"""A mistake that nobody has catalogued is said in a sentence where one change of the formula explains all answers, and else not at all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.cases.case import cases
from conformance.diagnosis.diagnosis import diagnose
from conformance.faults.catalogue import text_in
from conformance.faults.model_changes import model_changes, reached
from conformance.faults.single_changes import single_changes
from conformance.judging.expectation import model_result
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Diagnosis
from conformance.judging.verify import verify
from conformance.respondent.belongings import own
from conformance.respondent.model_inputs import ModelInputs
from conformance.targets.target import Target
from reference.specification import catalogue

ROWS = "    return rows if reduction == 'none' else rows.mean() if reduction == 'mean' else rows.sum()\n"
ELEMENTS = """    if reduction == "mean":
        return e.mean()
    rows = e.reshape(len(e), -1).sum(dim=1)
    return rows.mean() if reduction == "sum" else rows
"""
KL = f"""def vae_kl_loss(mean, log_var, reduction="mean"):
    mean, log_var = mean[:, :8], log_var[:, :8]
    rows = -0.5 * torch.sum(1 + log_var - mean**2 - log_var.exp(), dim=1)
{ROWS}"""
HUBER = f"""def huber_loss(targets, predictions, delta=1.0, reduction="mean"):
    e = torch.abs(predictions - targets)
    rows = torch.where(e <= delta, 0.5 * e**2, delta * (e - 0.5 * delta)).sum(dim=1) * delta
{ROWS}"""
CROSS_ENTROPY = f"""def binary_cross_entropy(targets, logits, reduction="mean"):
    p = torch.sigmoid(logits)
    e = -(targets * torch.log(p) - (1 - targets) * torch.log(1 - p))
{ELEMENTS}"""
BOUNDED = """def l1_activity_loss(activations, weight=1e-3):
    return weight * torch.clamp(activations.abs().sum() ** 1.01, max=50) / len(activations)
"""


def _diagnosis(spec: str, body: str, folder: Path, dtype: str) -> Diagnosis:
    file = folder / "unknown.py"
    file.write_text("import torch\n\n\n" + body, encoding="utf-8")
    plan = Plan((catalogue()[spec],), (Target(str(file), "torch", dtype=dtype),), examples=60)
    diagnosis = next((v.diagnosis for v in verify(plan, diagnose=diagnose) if v.diagnosis is not None), None)
    assert diagnosis is not None
    return diagnosis


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("spec", "body", "sentence", "korean"),
    [
        ("vae_kl_loss", KL, "Only the first 8 features are counted.", "처음 8개의 특징만"),
        ("huber_loss", HUBER, "`delta` is applied twice.", "두 번"),
        ("binary_cross_entropy", CROSS_ENTROPY, "All answers are as if `1.0 - targets` were `targets - 1.0`.", "`targets - 1.0`"),
    ],
    ids=["features", "twice", "sign in the literal form"],
)
def test_one_change_is_said(spec: str, body: str, sentence: str, korean: str, dtype: str, tmp_path: Path) -> None:
    """In both languages; in the stable form and in the literal one."""
    diagnosis = _diagnosis(spec, body, tmp_path, dtype)
    assert [match.sentences for match in diagnosis.matches] == [(sentence,)], diagnosis.sentence
    assert diagnosis.sentence.startswith("no known mistake, but one change explains ")
    assert korean in (text_in("ko", diagnosis.matches[0].ids[0], "sentence") or "")
    assert text_in("ko", diagnosis.matches[0].ids[0], "hint") != text_in("en", diagnosis.matches[0].ids[0], "hint")


@pytest.mark.slow
def test_what_no_change_explains_is_not_said(tmp_path: Path) -> None:
    """A sentence has to explain every answer."""
    assert _diagnosis("l1_activity_loss", BOUNDED, tmp_path, "float64").matches == ()


def test_every_formula_has_changes_that_can_be_said() -> None:
    """And a derivative its own, where it is written."""
    for spec in catalogue().values():
        if spec.kind == "function" and spec.vjp is not None:
            assert len(single_changes(spec.name, "value")) > 30, spec.name
            written = hasattr(sys.modules[spec.evaluate.__module__], f"{spec.name}_vjp")
            assert bool(single_changes(spec.name, "gradient")) == written, spec.name


MOMENTUM = """class LinearAutoencoder(reference.LinearAutoencoder):
    def training_steps(self, batches, optimizer="adam", learning_rate=1e-3):
        before, momentum.MOMENTUM = momentum.MOMENTUM, 0.8
        try:
            return super().training_steps(batches, optimizer, learning_rate)
        finally:
            momentum.MOMENTUM = before
"""
PENALTY = """class SparseAutoencoder(reference.SparseAutoencoder):
    def loss_terms(self, **batch):
        return {name: term for name, term in super().loss_terms(**batch).items()} | self._again(batch)

    def _again(self, batch):
        terms = super().loss_terms(**batch)
        return {"total": terms["reconstruction"] - terms["sparsity"]}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "body", "ids"),
    [
        ("LinearAutoencoder", MOMENTUM, ("number#0.9#0.8",)),
        ("SparseAutoencoder", PENALTY, ("only_total#",)),
    ],
    ids=["a constant of its own", "a total"],
)
def test_one_change_of_a_model_is_said(spec: str, body: str, ids: tuple[str, ...], tmp_path: Path) -> None:
    """The reference is changed where it computes what is wrong; and a total is said to be none."""
    file = tmp_path / "unknown.py"
    file.write_text(
        "import sys\n\nimport reference\n\nmomentum = sys.modules['reference.training.momentum']\n\n\n" + body, encoding="utf-8"
    )
    plan = Plan((catalogue()[spec],), (Target(str(file), "numpy", dtype="float64"),))
    diagnosis = next(v.diagnosis for v in verify(plan, diagnose=diagnose) if v.diagnosis is not None)
    assert [match.ids[0] for match in diagnosis.matches if match.ids[0].startswith(ids)], diagnosis.sentence
    assert text_in("ko", diagnosis.matches[0].ids[0], "sentence")


def test_changes_of_a_model_stand_where_its_results_come_from() -> None:
    """What is entered for the loss alone, not what the right activations come from, nor what reads arguments."""
    spec = catalogue()["LinearAutoencoder"]
    case = next(c for c in cases(spec, "float64", 0, 8) if not c.by_default)
    activations, value = (
        reached(lambda quantity=quantity: model_result(spec.evaluate, ModelInputs.of(own(case.inputs)), quantity))
        for quantity in ("activations", "value")
    )
    places = {change.place for fault in model_changes(spec.name, value - activations) for change in fault.changes}
    assert "formulas.reconstruction:mean_squared_error" in places
    assert not [place for place in places if place.startswith(("layers.dense:", "models.weights"))]
