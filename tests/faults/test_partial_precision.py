"""A number or a part in float32 is said where its roundings are in the answers; other small errors are not called that."""

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

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::RuntimeWarning")]
ROWS = "    return rows if reduction == 'none' else rows.mean() if reduction == 'mean' else rows.sum()\n"
ELEMENTS = """    rows = e.flatten(1).sum(1)
    return rows if reduction == "none" else e.mean() if reduction == "mean" else rows.mean()
"""
HUBER = f"""def huber_loss(targets, predictions, delta=1.0, reduction="mean"):
    delta = torch.tensor(delta).to(targets.dtype)
    inside = torch.minimum((targets - predictions).abs(), delta)
    rows = (inside * ((targets - predictions).abs() - 0.5 * inside)).sum(1)
{ROWS}"""
PENALTY = """def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    q, weight = activations.mean(0).clamp(epsilon, 1 - epsilon), float(np.float32(weight))
    return weight * (target * torch.log(target / q) + (1 - target) * torch.log((1 - target) / (1 - q))).sum()
"""
GROWTH = f"""def vae_kl_loss(mean, log_var, reduction="mean"):
    growth = torch.expm1(log_var.float()).to(log_var.dtype)
    rows = 0.5 * (mean**2 + growth - log_var).sum(1)
{ROWS}"""
LOGITS = f"""def binary_cross_entropy(targets, logits, reduction="mean"):
    logits = logits.float().double()
    e = torch.clamp(logits, min=0) - logits * targets + torch.log1p(torch.exp(-logits.abs()))
{ELEMENTS}"""
COMPLEMENT = """def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    p, other = (torch.full((1,), x).to(activations.dtype) for x in (target, 1 - target))
    q = activations.mean(0).clamp(epsilon, 1 - epsilon)
    return weight * (p * torch.log(p / q) + other * torch.log(other / (1 - q))).sum()
"""
UNKNOWN = f"""def mean_squared_error(inputs, reconstructions, reduction="mean"):
    scale = inputs.float().std(unbiased=False).double() + 1.0
    e = ((inputs / scale).float() - (reconstructions / scale).float()).double() ** 2 * scale**2
{ELEMENTS}"""
ADDED = """def reparameterize(mean, log_var, noise):
    return mean + (torch.exp(log_var / 2) + 1e-9 * torch.tanh(mean)) * noise
"""
FACTOR = """def reparameterize(mean, log_var, noise):
    return (mean + torch.exp(log_var / 2) * noise) * (1 + 3.3e-8)
"""


def _diagnosis(spec: str, body: str, folder: Path) -> Diagnosis:
    file = folder / "unknown.py"
    file.write_text("import numpy as np\nimport torch\n\n\n" + body, encoding="utf-8")
    plan = Plan((catalogue()[spec],), (Target(str(file), "torch", dtype="float64"),))
    diagnosis = next((v.diagnosis for v in verify(plan, diagnose=diagnose) if v.diagnosis is not None), None)
    assert diagnosis is not None
    return diagnosis


@pytest.mark.parametrize(
    ("spec", "body", "id"),
    [
        ("huber_loss", HUBER, "rounded#delta#float32"),
        ("kl_sparsity_loss", PENALTY, "rounded#weight#float32"),
        ("kl_sparsity_loss", COMPLEMENT, "rounded#target#float32"),
        ("binary_cross_entropy", LOGITS, "rounded#logits#float32"),
        ("vae_kl_loss", GROWTH, "computed_in#expm1(log_var)#float32"),
        ("mean_squared_error", UNKNOWN, "partly_in#float32"),
    ],
    ids=["a number", "a weight", "a number and its complement", "an array", "a part", "something"],
)
def test_what_is_in_float32_is_said(spec: str, body: str, id: str, tmp_path: Path) -> None:
    """The number or the part where it is found, and else that something is."""
    diagnosis = _diagnosis(spec, body, tmp_path)
    assert [match.ids for match in diagnosis.matches] == [(id,)], diagnosis.sentence
    assert text_in("ko", id, "sentence") not in (None, diagnosis.matches[0].sentences[0])
    assert "precision" in diagnosis.matches[0].hints[0]


@pytest.mark.parametrize("body", [ADDED, FACTOR], ids=["added", "a factor"])
def test_other_small_errors_are_not_called_that(body: str, tmp_path: Path) -> None:
    """They are no roundings of float32, though as small."""
    diagnosis = _diagnosis("reparameterize", body, tmp_path)
    assert "float32" not in diagnosis.sentence
