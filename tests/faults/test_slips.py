"""A factor on one term, a norm of another kind, an exchanged order, an ε, a number of one's own: found in formulas as people print them."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from conformance.cases.case import cases
from conformance.diagnosis.diagnosis import diagnose
from conformance.faults.catalogue import text_in
from conformance.faults.code import printed
from conformance.faults.printed_changes import printed_changes
from conformance.faults.slips import FREE, slips_of
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Diagnosis
from conformance.judging.verify import verify
from conformance.targets.target import Target
from conformance.tolerance import RATIO_SPREAD
from reference.specification import catalogue

PRINTED = [name for name in catalogue() if hasattr(printed, name)]
SPARSITY = """def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    p, q = target, {mean}
    return {divergence}
"""
CLIPPED = "activations.mean(0).clamp(epsilon, 1 - epsilon)"
DIVERGENCE = "weight * (p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q))).sum()"
SECOND = SPARSITY.format(mean=CLIPPED, divergence="(p * torch.log(p / q) + weight * (1 - p) * torch.log((1 - p) / (1 - q))).sum()")
EACH = SPARSITY.format(mean="activations.clamp(epsilon, 1 - epsilon).mean(0)", divergence=DIVERGENCE)
ADDED = SPARSITY.format(
    mean="activations.mean(0)",
    divergence=DIVERGENCE.replace("/ q", "/ (q + epsilon)").replace("/ (1 - q)", "/ (1 - q + epsilon)"),
)
SPECTRAL = """def l1_activity_loss(activations, weight=1e-3):
    return weight * torch.linalg.matrix_norm(activations, 2) / len(activations)
"""
VARIANCE = """def reparameterize(mean, log_var, noise):
    return mean + torch.sqrt(log_var.exp() + 0.00031) * noise
"""
HUBER = """def huber_loss(targets, predictions, delta=1.0, reduction="mean"):
    e = (targets - predictions).abs()
    rows = torch.where(e <= delta, 0.5 * e**2, {line}).sum(dim=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()
"""
REMEMBERED = HUBER.format(line="delta * e - delta**2 / 2").replace("rows.mean()", "rows.sum() / 3")


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
    ("spec", "body", "id"),
    [
        ("kl_sparsity_loss", SECOND, "factor_on#weight#(1.0 - target) * log((1.0 - target) / (1.0 - q))"),
        ("kl_sparsity_loss", EACH, "applied_before#clip#mean"),
        ("kl_sparsity_loss", ADDED, "sparsity_log_epsilon@epsilon"),
        ("kl_sparsity_loss", EACH.replace("epsilon, 1 - epsilon", "0.02, 1 - 0.02"), "clipped_before#mean#0.02"),
        ("l1_activity_loss", SPECTRAL, "norm_2#activations"),
        ("reparameterize", VARIANCE, "added#exp(log_var)#0.00031"),
        ("huber_loss", HUBER.format(line="delta * e - 0.3 * delta**2"), "number_in#0.5#0.3#0.5 * delta ** 2"),
        ("huber_loss", REMEMBERED, "divisor_remembered#rows.mean()#3"),
        ("huber_loss", HUBER.format(line="delta * e - delta / 2"), "as_if#delta ** 2#delta"),
    ],
    ids=[
        "one term",
        "order",
        "an argument added",
        "a clip of one's own",
        "norm",
        "a number added",
        "a number",
        "a divisor",
        "a power",
    ],
)
def test_a_slip_is_said(spec: str, body: str, id: str, dtype: str, tmp_path: Path) -> None:
    """In both precisions and languages, and nothing else beside it."""
    diagnosis = _diagnosis(spec, body, tmp_path, dtype)
    assert [match.ids for match in diagnosis.matches] == [(id,)], diagnosis.sentence
    assert text_in("ko", id, "sentence") not in (None, diagnosis.matches[0].sentences[0])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a sigmoid that is 0 or 1
@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_formula_is_the_reference(name: str) -> None:
    """Up to the digits that it loses: where nothing is large and nothing cancels they agree."""
    spec, compared = catalogue()[name], 0
    for case in cases(spec, "float64", 0, 60):
        value = np.asarray(getattr(printed, name)(**case.inputs))
        right = np.asarray(spec.evaluate(**case.inputs))
        if case.profile is not None and not case.profile.extreme:
            finite = np.isfinite(value)
            assert np.all(np.abs(value - right)[finite] <= RATIO_SPREAD * np.maximum(np.abs(right), RATIO_SPREAD)[finite])
            compared += bool(finite.all())
    assert compared > 10


@pytest.mark.parametrize("name", PRINTED)
def test_every_change_can_be_made_and_said(name: str) -> None:
    """Each is a function again, and has a sentence; what has a free number shows it."""
    for fault in printed_changes(name):
        ast.parse("def changed():\n" + fault.changes[0].new)
        assert fault.sentence
        assert (fault.constant is not None) == (FREE in fault.id)


def test_a_factor_is_put_on_each_term_alone() -> None:
    """Also where the sum is reduced, whatever its sign; not where there is one term."""
    source = "def f(w, a, b, c):\n    return w * (a + b - c).sum()\n\n\ndef g(w, a):\n    return w * a.sum()\n"
    slips = [slip for slip in slips_of(source, frozenset(("f", "g"))) if slip.id.startswith("factor_on")]
    assert [slip.new.strip() for slip in slips] == [
        "return (w * a + b - c).sum()",
        "return (a + w * b - c).sum()",
        "return (a + b - w * c).sum()",
    ]
