"""What a student reads: a grade turned into words, once, for Markdown, HTML, terminal and Gradescope alike.

Everything in a `FeedbackText` is text for people, cleaned of control characters but not yet escaped: that is the business of each writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.cases.case import from_plain
from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import HANDFUL, Check, Counterexample, Grade, Scalar, Status
from conformance.reports.escaping import clean
from conformance.respondent.symptoms import Symptom
from reference.specification import catalogue

SIGNS: Mapping[Status, str] = {
    "passed": "✓",
    "failed": "✗",
    "skipped": "–",
    "crashed": "!",
    "timed-out": "!",
    "over-limit": "!",
    "protocol-error": "!",
    "ungradable": "✗",
    "grader-error": "?",
}
_MOST_NUMBERS = 24


@dataclass(frozen=True)
class ExplanationText:
    """A mistake that fits: its sentences and hints, and what is said of a variant."""

    sentence: str
    hint: str
    remark: str


@dataclass(frozen=True)
class CheckText:
    """One check in words. An empty text means that there is nothing to say; `more` that more explanations fit than are given.

    `asked` says that a case was put to it, so that what is said of it holds of nothing else.
    """

    name: str
    spec: str
    part: str
    outcome: Status
    status: str
    points: str
    sentence: str
    equation: str
    message: str
    input: str
    place: str
    actual: str
    expected: str
    explanations: tuple[ExplanationText, ...]
    more: str
    asked: bool
    remarked: bool = False


@dataclass(frozen=True)
class FeedbackText:
    """A whole grade in words."""

    language: Language
    title: str
    assignment: str
    deadline: str
    score: str
    share: float | None
    tasks: Mapping[str, tuple[CheckText, ...]]
    hidden: str
    notes: tuple[str, ...]
    made_by: str

    @property
    def checks_to_look_at(self) -> tuple[CheckText, ...]:
        """What there is to look at: everything that did not pass, or passed with a remark.

        What was skipped follows from something else that is there.

        One cause of several, as a file that does not import, is there once: with the first.
        """
        every = [check for checks in self.tasks.values() for check in checks]
        checks = [check for check in every if check.remarked or check.outcome not in ("passed", "skipped")]
        first: dict[tuple[str, str], CheckText] = {}
        for check in checks:
            if not check.asked:
                first.setdefault((check.outcome, check.message), check)
        return tuple(check for check in checks if check.asked or first[check.outcome, check.message] is check)


def number(value: float | None) -> str:
    """Points, without decimals that say nothing."""
    return "–" if value is None else f"{value:.6g}"


def feedback_text(grade: Grade, presentation: Presentation) -> FeedbackText:
    """The grade as the student may see it."""
    checks = [check for check in grade.checks if presentation.shows(check)]
    withheld = len(grade.checks) - len(checks)
    tasks: dict[str, list[CheckText]] = {}
    for check in checks:
        tasks.setdefault(check.spec, []).append(check_text(check, presentation))
    best = sum(check.max_points for check in checks)
    score = None if grade.score is None else sum(check.points or 0.0 for check in checks)
    messages = {check.message for check in checks}
    language = presentation.language
    key = "feedback.score_shown" if withheld else "feedback.score"
    return FeedbackText(
        language=language,
        title=languages.say(language, "feedback.title", submission=clean(grade.submission, 120)),
        assignment=clean(presentation.title or grade.assignment, 500),
        deadline=languages.say(language, "feedback.due", deadline=clean(presentation.deadline, 500))
        if presentation.deadline
        else "",
        score=languages.say(language, "feedback.no_score")
        if score is None
        else languages.counted(language, key, best, score=number(score), max_score=number(best)),
        share=None if score is None or not best else score / best,
        tasks={clean(spec, 80): tuple(texts) for spec, texts in tasks.items()},
        hidden=languages.counted(language, "feedback.hidden", withheld) if withheld else "",
        notes=tuple(clean(note, 300) for note in grade.notes if note not in messages),
        made_by=languages.say(
            language,
            "feedback.made_by",
            framework=clean(grade.framework or "–", 40),
            isolation=clean(grade.isolation, 80),
            seconds=f"{grade.seconds:.1f}",
            hash=clean(grade.hash, 12).removesuffix(" …"),
        ),
    )


def check_text(check: Check, presentation: Presentation) -> CheckText:
    """One check in the words of the language."""
    language, example = presentation.language, check.counterexample
    spec = catalogue().get(check.spec)
    passed = check.outcome == "passed"
    actual, expected = _results(example, presentation.expected)
    word = check.outcome
    if check.outcome == "crashed" and check.symptom is Symptom.NOT_WRITTEN:
        word = "unwritten"
    outcome_word = "unasked" if check.outcome == "failed" and example is None else word
    # The harness' own sentence holds the right answer too, so it goes where that may not be shown or is shown already.
    answered = check.outcome == "failed" and example is not None and example.expected is not None
    return CheckText(
        name=clean(check.name, 120),
        spec=clean(check.spec, 80),
        part=languages.say(language, f"part.{check.part}"),
        outcome=check.outcome,
        status=languages.say(language, f"status.{word}"),
        points=f"{number(check.points)} / {number(check.max_points)}",
        sentence=" ".join([languages.say(language, f"outcome.{outcome_word}"), *_remarks(check, language)]),
        equation="" if passed or check.outcome == "skipped" or spec is None else spec.equation,
        message="" if passed or answered else clean(check.message),
        input="" if passed or example is None or word == "unwritten" else _shown_inputs(example, check.part),
        place="" if passed or example is None else _place(example, check, language),
        actual="" if passed else actual,
        expected="" if passed else expected,
        explanations=() if passed else _explanations(check, language),
        more="" if passed or check.specific else languages.counted(language, "feedback.more", len(check.matches) - HANDFUL),
        asked=example is not None,
        remarked=bool(check.remarks),
    )


def _remarks(check: Check, language: Language) -> list[str]:
    """What is said of a check that passed as a literal form, or as an accepted variant."""
    spec = catalogue().get(check.spec)
    forms = {form.name: form.remark for form in spec.accepted} if spec is not None else {}
    matches = {" with ".join(match.ids): match for match in check.matches}
    remarks: list[str] = []
    for remark in check.remarks:
        if (match := matches.get(remark.form)) is not None:
            sentences = [languages.mistake(language, id, text) for id, text in zip(match.ids, match.sentences, strict=False)]
            meaning = clean(" ".join(sentences), 300)
            remarks.append(languages.say(language, "feedback.accepted_whole", sentence=meaning, name=clean(remark.form, 80)))
        else:
            sentence = clean(forms.get(remark.form, {}).get(language, remark.sentence), 300)
            remarks.append(languages.say(language, "feedback.remarked", sentence=sentence))
    return remarks


def _explanations(check: Check, language: Language) -> tuple[ExplanationText, ...]:
    """A handful, what earned points first; hints where they lead to the mistake, and not to one of many."""
    explanations = []
    for match in sorted(check.matches, key=lambda match: not (match.variant and check.points))[:HANDFUL]:
        sentences = [languages.mistake(language, id, text) for id, text in zip(match.ids, match.sentences, strict=False)]
        sentence = " ".join(sentences)
        if len(sentences) > 1:
            sentence = languages.say(language, "feedback.both", sentences=sentence)
        hints = " ".join(
            dict.fromkeys(languages.hint(language, id, text) for id, text in zip(match.ids, match.hints, strict=False))
        )
        remark = ""
        if match.variant:
            remark = languages.say(language, "feedback.accepted" if check.points else "feedback.variant")
        explanations.append(ExplanationText(clean(sentence, 1000), clean(hints, 1000) if check.specific else "", remark))
    return tuple(explanations)


def _place(example: Counterexample, check: Check, language: Language) -> str:
    """Which of several results, and where in it."""
    has_name = example.name and example.name != check.part
    name = languages.say(language, "feedback.of_name", name=clean(example.name, 80)) if has_name else ""
    index = languages.say(language, "feedback.at", index=list(example.index)) if example.index else ""
    return ", ".join(filter(None, (name, index)))


def _results(example: Counterexample | None, with_expected: bool) -> tuple[str, str]:
    """Actual and expected, with as many digits as it takes to tell them apart."""
    if example is None:
        return "", ""
    actual, expected = _scalar(example.actual), _scalar(example.expected)
    if actual == expected:
        actual, expected = _scalar(example.actual, 17), _scalar(example.expected, 17)
    return actual, expected if with_expected else ""


def _scalar(value: Scalar, digits: int = 6) -> str:
    if value is None:
        return ""
    return f"{value:.{digits}g}" if isinstance(value, float) else clean(str(value), 400)


def _shown_inputs(example: Counterexample, part: str) -> str:
    """The inputs, one a line; large arrays by shape and range; of a model what the part has to do with."""
    try:
        inputs = from_plain(example.inputs)
    except (ValueError, TypeError, KeyError, OverflowError):  # not of our own making: shown as it stands
        inputs = example.inputs
    selection = {name: value for name, value in inputs.items() if part == "training" or name not in ("batches", "training")}
    return clean("\n".join(_lines(selection)), lines=True)


def _lines(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{before}{name}: ")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for number, item in enumerate(value):
                yield from _lines(item, f"{before}{name}[{number}]: ")
        else:
            yield f"{before}{name} = {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.size > _MOST_NUMBERS:
            return f"{value.shape}, {value.min():.4g} … {value.max():.4g}"
        single = value.astype(np.float32) if value.dtype == np.float64 else value
        short = single if np.array_equal(single, value) else value  # 0.1 of float32 is 0.1, and not 0.10000000149011612
        return np.array2string(short, separator=", ", floatmode="unique", max_line_width=10**6).replace("\n", "")
    return clean(repr(value), 300)
