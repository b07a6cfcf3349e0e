"""Literal forms: they pass within their own budget and are remarked; a wrong formula does not hide behind them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.cases.case import draw, recipes
from conformance.judging.compare import compare
from conformance.judging.expectation import Expected, expect
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import verify
from conformance.respondent.responses import Output
from conformance.targets.target import Target
from reference.specification import AcceptedForm, Spec, catalogue
from tests.harness.submissions import write

FORMS = [(spec, form) for spec in catalogue().values() for form in spec.accepted]
IDS = [f"{spec.name}-{form.name}" for spec, form in FORMS]
# Inputs of one element where the value of a form loses digits, in either precision. Forms that lose those of the gradient are asked in
# tests/right_forms.
LOSES = {
    "naive_cancellation": {"mean": 2.0**-20, "log_var": 2.0**-12},
    "log_of_sigmoid": {"targets": 0.0, "logits": 14.0},
}
PRINTED = """
import numpy as np

def vae_kl_loss(mean, log_var, reduction="mean"):
    rows = -0.5 * np.sum(1 + log_var - mean**2 - np.exp(log_var), axis=1)
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()

def vae_kl_loss_vjp(cotangent, mean, log_var, reduction="mean"):
    share = np.broadcast_to(cotangent / (len(mean) if reduction == "mean" else 1), (len(mean),))[:, None]
    return {"mean": share * mean, "log_var": share * 0.5 * (np.exp(log_var) - 1)}
"""


def _verdicts(folder: Path, source: str, spec: Spec) -> list[Verdict]:
    return list(verify(Plan((spec,), (Target(write(folder, source), "numpy", dtype="float64"),), examples=40)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("spec", "form"),
    [(spec, form) for spec, form in FORMS if form.name in LOSES],
    ids=[form.name for _, form in FORMS if form.name in LOSES],
)
def test_a_literal_form_passes_and_is_remarked(spec: Spec, form: AcceptedForm, dtype: str) -> None:
    """It agrees wherever it is finite, by its own budget where it loses digits; its budget is never narrower than the formula's."""
    remarked = False
    drawn = [draw(spec, dtype, recipe) for recipe in recipes(0, 60)]
    plain = {name: np.array([[x]]) for name, x in LOSES[form.name].items()}
    for case in (*drawn, replace(drawn[0], inputs=plain, cotangent=np.ones(()))):
        inputs = {name: x.astype(dtype) if isinstance(x, np.ndarray) else x for name, x in case.inputs.items()}
        with np.errstate(all="ignore"):
            value = np.asarray(form.evaluate(**inputs))
        assert value.dtype == dtype
        expected = expect(spec, case)["value"]
        assert isinstance(expected["value"], Expected)
        assert (expected["value"].accepted[form.name] >= expected["value"].allowed).all()
        if np.isfinite(value).all():
            comparison = compare(expected, {"value": Output(value, dtype, "host")}, "cpu")
            assert comparison.agrees, (case.inputs, comparison)
            remarked |= form.name in comparison.remarks
    assert remarked


@pytest.mark.parametrize(("spec", "form"), FORMS, ids=IDS)
def test_every_form_is_described_in_both_languages(spec: Spec, form: AcceptedForm) -> None:
    """A sentence to stand behind "passed, with a remark: ", in each."""
    assert set(form.remark) == {"en", "ko"}
    assert not any(sentence.endswith(".") for sentence in form.remark.values())
    assert [other.name for other in spec.accepted].count(form.name) == 1


def test_the_printed_equation_passes_with_a_remark(tmp_path: Path) -> None:
    """Decision 12 of the contract: the value is remarked, the gradient loses nothing."""
    value, gradient = _verdicts(tmp_path, PRINTED, catalogue()["vae_kl_loss"])
    assert (value.outcome, value.said) == ("passed", "passed, with a remark: loses digits near γ = 0")
    assert [remark.form for remark in value.remarks] == ["naive_cancellation"]
    assert (gradient.said, gradient.remarks) == ("passed", ())


def test_the_strict_specification_asks_for_the_stable_form(tmp_path: Path) -> None:
    """Nothing else is different: the same numbers fail, the same gradient passes."""
    value, gradient = _verdicts(tmp_path, PRINTED, catalogue()["vae_kl_loss"].strict())
    assert (value.outcome, value.remarks, gradient.outcome) == ("failed", (), "passed")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("-0.5 *", "-1.0 *"), ("1 + log_var", "log_var"), ("mean**2", "mean"), ("axis=1", "axis=0"), ("-0.5 *", "-0.5001 *")],
)
def test_a_mistake_in_a_literal_form_fails(tmp_path: Path, right: str, wrong: str) -> None:
    """The wider budget is for lost digits only."""
    value, _ = _verdicts(tmp_path, PRINTED.replace(right, wrong), catalogue()["vae_kl_loss"])
    assert (value.outcome, value.remarks) == ("failed", ())
