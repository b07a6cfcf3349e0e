"""Targets, labels and noise are data: nobody asks for the gradient by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import draw, recipes
from conformance.judging.expectation import expect
from conformance.judging.plan import Plan
from conformance.judging.verify import verify
from conformance.targets.subject import question_of
from conformance.targets.target import Target
from reference.domains import Bits, Reals
from reference.specification import Spec, catalogue
from tests.harness.submissions import write

FORMULAS = tuple(spec for spec in catalogue().values() if spec.vjp is not None)
DATA = {
    "mean_squared_error": ("inputs",),
    "binary_cross_entropy": ("targets",),
    "reparameterize": ("noise",),
    "huber_loss": ("targets",),
    "mean_absolute_error": ("targets",),
    "sigmoid_squared_error": ("targets",),
    "gaussian_nll_loss": ("targets",),
    "ranknet_loss": ("targets",),
    "focal_loss": ("targets",),
}
# Cross-entropy as libraries have it: of two classes, or from logarithms of both probabilities; by hand in NumPy, with the gradient of each.
FORMS = {
    "two classes": ("np.logaddexp(0, z) - t * z", "np.exp(z - np.logaddexp(0, z)) - t"),
    "both logarithms": ("t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z)", "(1 - t) * s(z) - t * s(-z)"),
}
SOURCE = """
import numpy as np

def s(z):
    return np.exp(-np.logaddexp(0, -z))

def binary_cross_entropy(targets, logits, reduction="mean"):
    t, z = targets, logits
    elements = {value}
    rows = elements.sum(axis=1)
    return {{"mean": elements.mean(), "sum": rows.mean(), "none": rows}}[reduction]

def binary_cross_entropy_vjp(cotangent, targets, logits, reduction="mean"):
    t, z = targets, logits
    share = {{"mean": cotangent / z.size, "sum": cotangent / len(z), "none": np.reshape(cotangent, (-1, 1))}}[reduction]
    return {{"logits": share * ({gradient})}}
"""


@pytest.mark.parametrize("spec", FORMULAS, ids=lambda spec: spec.name)
def test_a_gradient_is_asked_for_by_what_is_trained_or_predicted(spec: Spec) -> None:
    """The question, the expectation and the reference say the same; data are handed over all the same."""
    case = draw(spec, "float64", next(iter(recipes(0, 1))))
    reals = tuple(name for name, domain in spec.inputs.items() if isinstance(domain, (Reals, Bits)))
    asked = tuple(name for name in reals if name not in DATA.get(spec.name, ()))
    question = question_of(spec, case)
    assert (question.reals, question.gradients) == (reals, asked)
    assert tuple(expect(spec, case)["gradient"]) == asked


@pytest.mark.parametrize("form", FORMS)
def test_a_target_owes_no_gradient_by_data(tmp_path: Path, form: str) -> None:
    """Forms that libraries offer pass, with their own gradient by the logits and none by the targets."""
    value, gradient = FORMS[form]
    target = Target(write(tmp_path, SOURCE.format(value=value, gradient=gradient)), "numpy", dtype="float64")
    verdicts = list(verify(Plan((catalogue()["binary_cross_entropy"],), (target,), seed=3, examples=60)))
    assert [(v.quantity, v.outcome, v.reason) for v in verdicts] == [("value", "passed", None), ("gradient", "passed", None)]


def test_the_scale_by_a_target_counts_what_is_added() -> None:
    """ln(1 + e^−z) and ln(1 + e^z) are ln 2 each at z = 0, where their difference is nothing."""
    spec = catalogue()["binary_cross_entropy"]
    assert spec.gradient_scale is not None
    scale = spec.gradient_scale(np.ones(()), targets=np.array([[0.5]]), logits=np.array([[0.0]]), reduction="sum")
    assert scale["targets"].item() == 2 * np.log1p(1.0)
