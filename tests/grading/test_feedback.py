"""What a student reads: everything that helps, in both languages, and nothing that is withheld."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from conformance.faults.catalogue import entries
from conformance.grading.assignment.assignment import PARTS
from conformance.grading.feedback import class_report, languages
from conformance.grading.feedback.feedback_text import SIGNS, FeedbackText, feedback_text
from conformance.grading.feedback.html import feedback_page
from conformance.grading.feedback.markdown import as_markdown
from conformance.grading.feedback.terminal import as_lines
from conformance.grading.feedback.visibility import Presentation, When
from conformance.grading.grade_file import STATUSES, Check, Grade
from tests.grading.grades import FEATURES, FROZEN, HALF, PADDING, check, every_outcome, example, four_mistakes, graded

KOREAN = {
    "half_missing": "계수 ½이 빠졌습니다.",
    "features_axis": "평균 활성 p̂를 배치가 아니라 각 표본의 유닛들에 대해 구했습니다.",
    "padding_side": "채움이 반대쪽에 들어갔습니다.",
    "encoder_not_frozen": "인코더가 고정되지 않아 학습 중에 가중치가 바뀌었습니다.",
}
HOSTILE = '<script>alert("x")</script>\x1b[31m](http://evil) =1+1\n# big `'


def _texts(feedback: FeedbackText) -> tuple[str, str]:
    return as_markdown(feedback), feedback_page(feedback)


def test_every_outcome_and_part_has_words() -> None:
    """Whatever can be in a grade can be said."""
    for language in ("en", "ko"):
        for status in STATUSES:
            assert languages.say(language, f"status.{status}")
            assert languages.say(language, f"outcome.{status}")
        assert all(languages.say(language, f"part.{part}") for part in PARTS)
    assert set(SIGNS) == set(STATUSES)


def test_a_mistake_without_translation_stays_english() -> None:
    """Better understood than missing."""
    assert languages.mistake("ko", "brand_new", "English.") == "English."
    assert languages.mistake("en", "half_missing", "English.") == "English."
    assert languages.hint("ko", "brand_new", "English.") == "English."
    assert languages.hint("ko", "half_missing", "English.").startswith("γ = 0")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_four_mistakes_are_explained(language: str) -> None:
    """What was asked, the smallest input, actual and expected, the mistake in a sentence, a hint."""
    feedback = feedback_text(four_mistakes(), Presentation(language))  # type: ignore[arg-type]
    for text in _texts(feedback):
        for match in (HALF, FEATURES, PADDING, FROZEN):
            sentence = KOREAN[match.ids[0]] if language == "ko" else match.sentences[0]
            assert sentence in text
        assert "−½ Σ_D (1 + γ − μ² − e^γ)" in text
        assert "mean = [[1.]]\nlog_var = [[0.]]" in text
        assert "encoder.0.weight" in text
    hints = {each.hint for element in feedback.checks_to_look_at for each in element.explanations}
    assert len(hints) == 4
    assert (hints & {match.hints[0] for match in (HALF, FEATURES, PADDING, FROZEN)} == hints) == (language == "en")
    half = feedback.tasks["vae_kl_loss"][0]
    assert (half.actual, half.expected, half.points) == ("1", "0.5", "0 / 2")
    assert feedback.tasks["pad_sequences"][0].place == ("at position [1, 0]" if language == "en" else "위치 [1, 0]")


def test_korean_feedback_has_no_english_sentence() -> None:
    """Where everything is translated."""
    english = languages.table("en")
    text = as_markdown(feedback_text(four_mistakes(), Presentation("ko")))
    for key, words in english.items():
        if " " in words and "{" not in words:
            assert words not in text, key


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_outcome_can_be_shown(language: str) -> None:
    """Crashes and limits with what was said; a variant with what it is."""
    feedback = feedback_text(every_outcome(), Presentation(language))  # type: ignore[arg-type]
    for text in _texts(feedback):
        assert "RuntimeError: shapes differ (line 3)" in text
        assert "more than 2048 MiB" in text
        assert languages.say(language, "feedback.accepted") in text  # type: ignore[arg-type]
        assert languages.say(language, "feedback.either") in text  # type: ignore[arg-type]
    lost = feedback_text(graded("x", check("vae_kl_loss", "value", "grader-error")), Presentation(language))  # type: ignore[arg-type]
    assert lost.score == languages.say(language, "feedback.no_score")  # type: ignore[arg-type]
    assert lost.share is None


def test_what_is_right_is_said_to_be_right() -> None:
    """Without findings, and without the counterexample that a passed check might carry."""
    given = graded("x", check("vae_kl_loss", "value", counterexample=example(123.0, 456.0), message="secret"))
    for text in _texts(feedback_text(given, Presentation())):
        assert "Everything that is shown here is right." in text
        assert "456" not in text
        assert "secret" not in text


def test_expected_values_are_shown_only_if_allowed() -> None:
    """Neither as a value nor inside the harness' own sentence."""
    given = graded(
        "x", check("vae_kl_loss", "value", "failed", message="expected 0.8125, got 1.625", counterexample=example(1.625, 0.8125))
    )
    for text in _texts(feedback_text(given, Presentation(expected=False))):
        assert "0.8125" not in text
        assert "1.625" in text
    for text in _texts(feedback_text(given, Presentation(expected=True))):
        assert text.count("0.8125") == 1


def test_numbers_that_differ_late_are_told_apart() -> None:
    """Two equal texts would help nobody."""
    given = graded("x", check("vae_kl_loss", "value", "failed", counterexample=example(1.00000001, 1.0)))
    summary = feedback_text(given, Presentation()).checks_to_look_at[0]
    assert summary.actual != summary.expected


def _many(count: int) -> Check:
    faults = [fault for fault in entries().values() if fault.kind == "fault" and "vae_kl_loss" in fault.specs][: count - 1]
    variant = HALF.model_copy(update={"ids": ("v",), "sentences": ("Another meaning.",), "variant": True})
    matches = [HALF.model_copy(update={"ids": (f.id,), "sentences": (f.sentence,), "hints": (f.hint,)}) for f in faults]
    return check("vae_kl_loss", "value", "failed", points=1.0, matches=(*matches, variant), counterexample=example(1.0, 0.5))


@pytest.mark.parametrize(("language", "more"), [("en", "… and 14 more fit as well"), ("ko", "… 그 밖에 14개도 들어맞습니다")])
def test_of_many_mistakes_that_fit_a_handful_is_named(language: str, more: str) -> None:
    """Without hints, which would lead to mistakes that were not made; what earned points is among them."""
    feedback = feedback_text(graded("x", _many(19)), Presentation(language))  # type: ignore[arg-type]
    (element,) = feedback.checks_to_look_at
    assert len(element.explanations) == 5
    assert element.explanations[0].sentence == "Another meaning."
    for text in (*_texts(feedback), "\n".join(line for line, _ in as_lines(feedback))):
        assert more in text
        assert languages.say(language, "feedback.hint") not in text  # type: ignore[arg-type]
    few = feedback_text(graded("x", _many(5)), Presentation(language)).checks_to_look_at[0]  # type: ignore[arg-type]
    assert (len(few.explanations), few.more) == (5, "")
    assert any(each.hint for each in few.explanations)


def test_what_fits_with_many_others_is_no_mistake_of_the_class() -> None:
    """A handful may be counted."""
    for count, listed in ((5, 5), (6, 0)):
        assert len(class_report.class_report([graded("x", _many(count))], Presentation()).mistakes) == listed


def test_two_mistakes_at_once_are_two_sentences() -> None:
    """In both languages."""
    pair = HALF.model_copy(
        update={"ids": ("a", "b"), "sentences": ("One is wrong.", "The other too."), "hints": ("Look.", "Look.")}
    )
    given = graded("x", check("vae_kl_loss", "value", "failed", matches=(pair,), counterexample=example(1.0, 0.5)))
    for language, words in (
        ("en", "Two mistakes at once: One is wrong. The other too."),
        ("ko", "두 가지 실수가 함께 있습니다. One is"),
    ):
        for text in _texts(feedback_text(given, Presentation(language))):  # type: ignore[arg-type]
            assert words in text


def test_one_is_one() -> None:
    """A point, a submission."""
    given = graded("x", check("vae_kl_loss", "value", best=1.0))
    assert feedback_text(given, Presentation()).score == "1 of 1 point"
    page = class_report.as_html(class_report.class_report([given], Presentation()))
    assert "1 submission from 90 to 100 percent" in page
    assert "0 submissions from 0 to 10 percent" in page


@pytest.mark.parametrize(("when", "part"), [("now", "a"), ("after_due_date", "ab"), ("after_published", "abc")])
def test_a_student_sees_a_check_when_it_is_time(when: When, part: str) -> None:
    """Hidden ones never: not their names, inputs or points; and a total of what is shown says that it is no more."""
    order = {"a": "visible", "b": "after_due_date", "c": "after_published", "d": "hidden"}
    given = graded(
        "x",
        *(
            check(f"spec_{name}", "value", "failed", best=2.0, message=f"said {name}", visibility=visibility)
            for name, visibility in order.items()
        ),
    )
    shown = feedback_text(given, Presentation(when=when))
    assert list(shown.tasks) == [f"spec_{name}" for name in part]
    assert shown.score == f"0 of {2 * len(part)} points in what is shown here"
    for text in _texts(shown):
        assert not any(f"said {name}" in text for name in set(order) - set(part))
        assert {1: "1 check is not shown.", 2: "2 checks are not shown.", 3: "3 checks are not shown."}[4 - len(part)] in text


class _Page(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def _hostile() -> Grade:
    match = HALF.model_copy(update={"sentences": (HOSTILE,), "hints": (HOSTILE,)})
    shown = example(HOSTILE, None, name=HOSTILE, x=HOSTILE)
    return graded(
        "x",
        check("vae_kl_loss", "value", "failed", message=HOSTILE, matches=(match,), counterexample=shown),
        check("kl_sparsity_loss", "value", "crashed", message=HOSTILE, diagnosis=HOSTILE),
        framework=HOSTILE,
        isolation=HOSTILE,
        assignment=HOSTILE,
        notes=(HOSTILE,),
    )  # fmt: skip


def test_nothing_that_a_student_writes_becomes_markup() -> None:
    """Not in the page, where it is escaped, nor in Markdown; no escape sequence is left."""
    feedback = feedback_text(_hostile(), Presentation(title=HOSTILE, deadline=HOSTILE))
    markdown, html = _texts(feedback)
    page = _Page(html)
    assert "script" not in page.tags
    assert any("<script>" in text for text in page.said)
    assert not any(name.startswith("on") or name in ("href", "src") for name, _ in page.attributes)
    assert "\x1b" not in html + markdown
    outside = [line for number, line in enumerate(markdown.split("```")) if number % 2 == 0]
    assert not any("<script" in part.replace("\\<", "") or "](http" in part.replace("\\]", "") for part in outside)


@pytest.mark.parametrize("given", [four_mistakes(), every_outcome()])
def test_the_page_is_whole_and_accessible(given: Grade) -> None:
    """One file: nothing is loaded, nothing runs; it has a language, a title, one first heading, headed tables."""
    html = feedback_page(feedback_text(given, Presentation("ko")))
    page = _Page(html)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "http" not in html.replace('http-equiv="Content', "").lower()
    assert ("lang", "ko") in page.attributes
    assert page.tags.count("h1") == 1
    assert page.tags.count("title") == 1
    assert [value for name, value in page.attributes if name == "scope"][:2] == ["col", "col"]
    labels = {value for name, value in page.attributes if name == "aria-labelledby"}
    assert labels <= {value for name, value in page.attributes if name == "id"}
    for feature in ("prefers-color-scheme: dark", "@media print", "color-scheme: light dark"):
        assert feature in html


def test_names_are_not_broken() -> None:
    """A column is as wide as the longest name in it, and where that leaves no room the cells stand below each other."""
    html = feedback_page(feedback_text(four_mistakes(), Presentation()))
    assert re.search(r"\nth code, thead th \{ overflow-wrap: break-word; \}", html)
    narrow = html.partition("@media (max-width: 34rem)")[2].partition("@media")[0]
    assert ".stacked td { display: block; }" in narrow
    assert '<table class="stacked">' in html


def test_korean_is_broken_between_words_and_set_in_korean_fonts() -> None:
    """Of the reader's own system: Apple's, Windows', Linux'. Other languages keep their usual line breaks."""
    html = feedback_page(feedback_text(four_mistakes(), Presentation("ko")))
    rule = re.search(r":root:lang\(ko\) body \{([^}]*)\}", html)
    assert rule
    assert "word-break: keep-all" in rule[1]
    assert html.count("keep-all") == 1
    body = re.search(r"\nbody \{([^}]*)\}", html)
    assert body
    for font in ("Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR"):
        assert f'"{font}"' in body[1]
    assert "@font-face" not in html


def test_one_cause_of_everything_is_said_once() -> None:
    """A file that does not import has no part to look at but the first; what a case was put to is said of each."""
    reason = "a.py does not import: SyntaxError: invalid syntax (a.py, line 2)"
    parts = [check(spec, "value", "crashed", message=reason) for spec in ("vae_kl_loss", "kl_sparsity_loss", "pad_sequences")]
    feedback = feedback_text(graded("x", *parts, notes=(reason, "noted")), Presentation())
    assert [(member.spec, member.message) for member in feedback.checks_to_look_at] == [("vae_kl_loss", reason)]
    assert feedback.notes == ("noted",)
    assert as_markdown(feedback).count("invalid syntax") == 1
    alike = [element.model_copy(update={"counterexample": example(None, None)}) for element in parts]
    assert len(feedback_text(graded("x", *alike), Presentation()).checks_to_look_at) == 3
