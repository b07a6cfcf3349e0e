"""A file has one name for its mistake: whoever asks, by whatever secret, and with however many cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import conforms
from conformance.diagnosis.diagnosis import diagnose
from conformance.grading.assignment.secret_seed import PUBLIC, SeededAssignment
from conformance.grading.scoring.checks import checks
from conformance.grading.scoring.questions import SubmissionQuestions
from conformance.judging.plan import Plan
from conformance.judging.verify import verify
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.grading.in_process_workers import SECRET, asked, assignment, in_process_subject
from tests.harness.submissions import write

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # in the submissions
PUBLISHED = """
import numpy as np

def vae_kl_loss(mean, log_var, reduction="mean"):
    return -0.5 * np.sum(1 + log_var - mean**2 - np.exp(log_var))
"""
CLIPPED = """
import numpy as np

def binary_cross_entropy(targets, logits, reduction="mean"):
    p = np.clip(1 / (1 + np.exp(-logits)), 1e-10, 1 - 1e-10)
    e = -(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    if reduction == "mean":
        return e.mean()
    rows = e.reshape(len(e), -1).sum(axis=1)
    return rows.mean() if reduction == "sum" else rows
"""
PADDED = """
import numpy as np
import reference

def pad_sequences(sequences, **options):
    return reference.pad_sequences([row[::-1] for row in sequences], **options)
"""
FORGETTING = """
import reference

class CharTokenizer(reference.CharTokenizer):
    def decode(self, sequences):
        return [text.upper() for text in super().decode(sequences)]
"""
REMEMBERED = """
import reference

class LinearAutoencoder(reference.LinearAutoencoder):
    def inference(self, inputs):
        self.memory = getattr(self, "memory", {})
        return self.memory.setdefault(inputs.shape, super().inference(inputs))
"""
STANDING = """
import numpy as np
import reference

class LinearAutoencoder(reference.LinearAutoencoder):
    def gradients(self, **batch):
        return {name: -gradient for name, gradient in super().gradients(**batch).items()}
"""
SUMMED = """
import reference

class LinearAutoencoder(reference.LinearAutoencoder):
    def loss_terms(self, **batch):
        terms = super().loss_terms(**batch)
        return {**terms, "total": 2 * terms["total"]}
"""
CONDITION = """
import reference

def l1_activity_loss(activations, weight=1e-3):
    return reference.l1_activity_loss(activations, weight) * (2 if len(activations) == 1 else 1)
"""
EVERYWHERE = {
    "pad_sequences": [PADDED],
    "CharTokenizer": [FORGETTING],
    "LinearAutoencoder": [REMEMBERED, STANDING, SUMMED],
    "vae_kl_loss": [PUBLISHED],
    "binary_cross_entropy": [CLIPPED],
    "l1_activity_loss": [CONDITION],
}
FILES = [("vae_kl_loss", PUBLISHED, "kl_always_sum"), ("binary_cross_entropy", CLIPPED, "keras_clip@1e-10")]


@pytest.mark.slow
@pytest.mark.parametrize("count", [8, 20, 40])
@pytest.mark.parametrize(("spec", "source", "name"), FILES, ids=["reduction ignored", "clipped"])
def test_a_grade_names_what_verify_names(spec: str, source: str, name: str, count: int, tmp_path: Path) -> None:
    """Delicate inputs tell mistakes apart that the usual ones do not: a grade explains a wrong value by both."""
    target = Target(write(tmp_path, source), "numpy", dtype="float64")
    verdict = next(iter(verify(Plan((catalogue()[spec],), (target,)), diagnose=diagnose)))
    assert verdict.diagnosis is not None
    assert [match.ids for match in verdict.diagnosis.matches] == [(name,)]
    given = assignment(f"[specs.{spec}]\npoints = {{ value = 2, edges = 1 }}\n", cases=count)
    for digit in "0123456789":
        value = asked(given, source, digit * 64, "float64")["value"]
        assert value.points == 0
        assert value.matches, (digit, value.diagnosis)
        assert value.matches[0].ids == (name,), (digit, value.diagnosis)


@pytest.mark.slow
@pytest.mark.parametrize(("spec", "source"), [(spec, source) for spec, sources in EVERYWHERE.items() for source in sources])
def test_whoever_asks_gets_one_diagnosis(spec: str, source: str, tmp_path: Path) -> None:
    """`verify`, `conforms`, a check by the public cases, and a grade by a secret: formulas, a tokenizer, a model."""
    file = write(tmp_path, source)
    target = Target(file, "numpy", dtype="float64")
    verdict = next(v for v in verify(Plan((catalogue()[spec],), (target,)), diagnose=diagnose) if v.diagnosis is not None)
    assert verdict.diagnosis is not None
    names = [match.ids for match in verdict.diagnosis.matches]
    assert names, verdict.diagnosis.sentence
    with pytest.raises(AssertionError) as complaint:
        conforms(spec, vars(in_process_subject(source).module)[spec], framework="numpy", dtype="float64")  # type: ignore[attr-defined]
    assert verdict.diagnosis.matches[0].sentences[0] in " ".join(str(complaint.value).split())
    points = f"{verdict.quantity} = 1" if catalogue()[spec].kind == "model" else "value = 1, edges = 1"
    given = assignment(f"[specs.{spec}]\npoints = {{ {points} }}\n", cases=40)
    for secret in (PUBLIC, SECRET):
        questions = SubmissionQuestions(SeededAssignment(given, secret), "a" * 64)
        check = next(check for check in checks(in_process_subject(source), questions) if check.outcome != "passed")
        assert [match.ids for match in check.matches] == names, (secret, check.diagnosis)
