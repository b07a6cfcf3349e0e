"""The four examples of feedback: graded as they stand, and shown in docs/feedback.md as they come out."""

from __future__ import annotations

import re

import pytest

from conformance.faults.catalogue import entries
from conformance.grading.feedback import languages
from examples.mistakes.__main__ import ASKED, graded, page
from tests.architecture.signatures import ROOT

_DOCUMENT = ROOT / "docs" / "feedback.md"


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_the_author_is_told_the_mistake(name: str) -> None:
    """Its own name stands alone among the explanations, the points of the part are lost, and the page shows what is given."""
    grade = graded(name)
    failed = [check for check in grade.checks if check.outcome == "failed"]
    assert [match.ids for match in failed[0].matches] == [(name,)]
    assert grade.score is not None
    assert grade.score < grade.max_score
    assert set(page({name: grade}).splitlines()) <= set(_DOCUMENT.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", ASKED)
def test_the_page_says_it_in_both_languages(name: str) -> None:
    """Sentence and hint, in English and in Korean."""
    text = re.sub(r"\\(.)", r"\1", _DOCUMENT.read_text(encoding="utf-8"))
    fault = entries()[name]
    for language in ("en", "ko"):
        assert languages.mistake(language, name, fault.sentence) in text
        assert languages.hint(language, name, fault.hint) in text
