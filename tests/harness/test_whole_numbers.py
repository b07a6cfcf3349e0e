"""Whole numbers come as any array type or as nested lists; what they are stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import reference  # noqa: F401  (fills the catalogue)
from conformance.judging.plan import Plan
from conformance.judging.verdicts import Verdict
from conformance.judging.verify import verify
from conformance.targets.target import Target
from reference.specification import catalogue
from tests.harness.submissions import write

PADDING = """
import {imported}
import numpy as np
from reference.formulas.tokenization import pad_sequences as right

def pad_sequences(sequences, maxlen=None, padding="pre", truncating="pre", value=0):
    rows = right(sequences, maxlen, padding, truncating, value)
    return {answer}
"""
TOKENIZER = """
import numpy as np
from reference.formulas.tokenization import CharTokenizer as Right

class CharTokenizer(Right):
    def encode(self, texts):
        return {answer}
"""


def _verdict(folder: Path, source: str, framework: str, spec: str) -> Verdict:
    (verdict,) = verify(Plan((catalogue()[spec],), (Target(write(folder, source), framework, dtype="float32"),), examples=24))
    return verdict


@pytest.mark.parametrize("framework", ["numpy", "torch"])
@pytest.mark.parametrize("answer", ["rows", "rows.tolist()", "[list(row) for row in rows]", "torch.from_numpy(rows)"])
def test_padded_rows_may_come_as_any_array_or_as_lists(tmp_path: Path, framework: str, answer: str) -> None:
    """NumPy's from a submission in PyTorch, lists from either, PyTorch's from one in NumPy."""
    source = PADDING.format(imported="torch" if "torch" in answer or framework == "torch" else "math", answer=answer)
    verdict = _verdict(tmp_path, source, framework, "pad_sequences")
    assert (verdict.outcome, verdict.reason) == ("passed", None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("rows.astype(np.int64)", "expected dtype int32, got int64"),
        ("rows.T", "expected shape"),
        ("(rows + 1).tolist()", "expected"),
        ("rows.astype(float).tolist()", "expected an array or a list of lists of whole numbers"),
        ("[row[i % 2:].tolist() for i, row in enumerate(rows)]", "lists of different lengths"),
        ("[str(row) for row in rows]", "expected an array or a list of lists of whole numbers"),
    ],
)
def test_what_they_are_is_not_left_open(tmp_path: Path, answer: str, reason: str) -> None:
    """Another dtype, shape or number is as wrong as before, and ragged rows are no array."""
    verdict = _verdict(tmp_path, PADDING.format(imported="math", answer=answer), "numpy", "pad_sequences")
    assert verdict.outcome == "failed"
    assert reason in (verdict.reason or "")


@pytest.mark.parametrize("answer", ["[np.array(row, dtype=int) for row in super().encode(texts)]", "super().encode(texts)"])
def test_ids_may_come_as_arrays(tmp_path: Path, answer: str) -> None:
    """A row an array, for a tokenizer that was written for them."""
    verdict = _verdict(tmp_path, TOKENIZER.format(answer=answer), "numpy", "CharTokenizer")
    assert (verdict.outcome, verdict.reason) == ("passed", None)


def test_ids_are_whole_numbers(tmp_path: Path) -> None:
    """Floating-point ids are none, in whatever they come."""
    source = TOKENIZER.format(answer="[np.array(row, dtype=float) for row in super().encode(texts)]")
    assert _verdict(tmp_path, source, "numpy", "CharTokenizer").outcome in ("failed", "errored")
