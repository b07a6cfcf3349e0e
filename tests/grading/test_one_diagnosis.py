"""A file has one name for its mistake: whoever asks, by whatever secret, and with however many cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.diagnosis.diagnosis import diagnose
from conformance.judging.plan import Plan
from conformance.judging.verify import verify
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.grading.in_process_workers import asked, assignment
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
