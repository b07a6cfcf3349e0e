"""Mistakes in published losses, written as their sources print them: each is named, alike for every seed and in both precisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.diagnosis.diagnosis import diagnose, suspects
from conformance.faults.catalogue import entries, text_in
from conformance.faults.constants import said_with, with_constant, written
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Diagnosis
from conformance.judging.verify import verify
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.faults.published import PUBLISHED, Published

NAMES = [published.name for published in PUBLISHED]
REDUCTION_IGNORED = [
    "the sum whatever is asked",
    "the mean over everything whatever is asked",
    "a sum over everything",
    "a sum over everything of squares",
]
# Written by other arithmetic than the reference's: in single precision it saturates where the reference does not.
SATURATING = ["the positive class only", "the sign", "a sum over everything", "the sigmoid twice", "the half forgotten"]


def diagnosis_of(published: Published, folder: Path, dtype: str = "float64", seed: int = 0, examples: int = 40) -> Diagnosis:
    """What is said of the file."""
    file = folder / "published.py"
    file.write_text(published.source, encoding="utf-8")
    plan = Plan((catalogue()[published.spec],), (Target(str(file), "torch", dtype=dtype),), seed, examples)
    diagnosis = next((v.diagnosis for v in verify(plan, diagnose=diagnose) if v.diagnosis is not None), None)
    assert diagnosis is not None
    return diagnosis


def _is_named(published: Published, diagnosis: Diagnosis) -> bool:
    return any(name in diagnosis.sentence or name in set(suspects(diagnosis)) for name in published.names)


def _published(name: str) -> Published:
    return PUBLISHED[NAMES.index(name)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", REDUCTION_IGNORED)
def test_a_reduction_that_is_not_looked_at_is_named_first(name: str, dtype: str, seed: int, tmp_path: Path) -> None:
    """Also in the literal form, whatever the seed, and by few cases."""
    published = _published(name)
    diagnosis = diagnosis_of(published, tmp_path, dtype, seed, examples=12)
    assert diagnosis.matches, diagnosis.sentence
    assert diagnosis.matches[0].ids[0] in published.names


@pytest.mark.slow
@pytest.mark.parametrize("name", SATURATING)
def test_a_mistake_is_named_where_single_precision_saturates(name: str, tmp_path: Path) -> None:
    """ln σ(z) is infinite for z beyond 17 in one direction and beyond 88 in the other, long before it is in double precision."""
    diagnosis = diagnosis_of(_published(name), tmp_path, "float32")
    assert _is_named(_published(name), diagnosis), diagnosis.sentence


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_in_a_published_loss_is_named(name: str, tmp_path: Path) -> None:
    """Nearly everybody writes the formula as it is printed; none is named that was not made."""
    diagnosis = diagnosis_of(_published(name), tmp_path)
    assert _is_named(_published(name), diagnosis), diagnosis.sentence


CONSTANTS = [("probabilities clipped at 1e-10", "1e-10"), ("clamped at 10", "7.5"), ("an ε in both logarithms", "3e-5")]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "constant"), CONSTANTS)
def test_a_free_constant_is_read_off_the_answers(name: str, constant: str, dtype: str, tmp_path: Path) -> None:
    """Whatever it is: it is said in the sentence, in both languages."""
    published = _published(name)
    old = {"clamped at 10": "10", "an ε in both logarithms": "1e-6"}.get(name, constant)
    changed = Published(published.name, published.spec, published.body.replace(old, constant), ())
    match = diagnosis_of(changed, tmp_path, dtype).matches[0]
    assert match.ids[0].endswith(f"@{constant}")
    assert constant in match.sentences[0]
    assert constant in (text_in("ko", match.ids[0], "sentence") or "")


def test_a_constant_is_written_as_people_write_it() -> None:
    """In the code exactly; in the sentence shortly, and behind it where it names none."""
    assert [written(x) for x in (1e-7, 2.5e-10, 10.0, 0.01, 1e6)] == ["1e-7", "2.5e-10", "10", "0.01", "1000000"]
    clamped = with_constant(entries()["clamped_logvar"], 7.0)
    assert (clamped.id, clamped.sentence) == ("clamped_logvar@7", "γ is clamped to [-7, 7].")
    assert all("-7.0, 7.0" in change.new for change in clamped.changes)
    assert said_with("A small constant is added.", "1e-5", "1e-4", "en") == "A small constant is added. The constant is 1e-4."


SERIES = "    g = log_var\n    rows = 0.5 * (mean**2 + torch.where(g.abs() < 0.05, g**2 / 2 + g**3 / 6, torch.expm1(g) - g)).sum(dim=1)\n"
FINITE = "    rows = 0.5 * (mean**2 + torch.nan_to_num(torch.expm1(log_var)) - log_var).sum(dim=1)\n"


@pytest.mark.slow
@pytest.mark.parametrize("rows", [SERIES, FINITE], ids=["a series cut short", "an infinity replaced"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_loses_no_digits_is_not_said_to(rows: str, dtype: str, tmp_path: Path) -> None:
    """Nearly right is not cancellation, where cancellation itself would be right."""
    reduced = PUBLISHED[2].body.rpartition("    return")[2]
    wrong = Published("", "vae_kl_loss", f"def vae_kl_loss(mean, log_var, reduction='mean'):\n{rows}    return{reduced}", ())
    file = tmp_path / "published.py"
    file.write_text(wrong.source, encoding="utf-8")
    plan = Plan((catalogue()["vae_kl_loss"].strict(),), (Target(str(file), "torch", dtype=dtype),), examples=40)
    diagnoses = [verdict.diagnosis for verdict in verify(plan, diagnose=diagnose) if verdict.diagnosis is not None]
    assert not [d.sentence for d in diagnoses if "naive_cancellation" in d.sentence or "digits" in d.sentence]
