"""What a teacher reads of a whole class: how the scores are spread, which mistakes were made and how often, and which checks were hard."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import html, languages
from conformance.grading.feedback.escaping import clean, markdown
from conformance.grading.feedback.feedback_text import Presentation, number
from conformance.grading.grade_file import Grade, Status

BINS = 10


@dataclass(frozen=True)
class Mistake:
    """A known mistake (or variant), the submissions that made it, and the checks where it was seen."""

    sentence: str
    submissions: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Rate:
    """How a check went over the class."""

    name: str
    passed: int
    asked: int
    average: float
    max_points: float

    @property
    def share(self) -> float:
        return self.passed / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Standing:
    """One line of the list."""

    submission: str
    folder: str
    score: str
    share: float | None
    status: Status
    word: str


@dataclass(frozen=True)
class ClassReport:
    """The class in words and numbers, not yet escaped. Submissions that the grader lost are in no number but their own."""

    language: Language
    title: str
    figures: tuple[tuple[str, str], ...]
    bins: tuple[int, ...]
    mistakes: tuple[Mistake, ...]
    rates: tuple[Rate, ...]
    standings: tuple[Standing, ...]
    lost: tuple[str, ...]


def class_report(grades: Sequence[Grade], shown: Presentation) -> ClassReport:
    """The class. The order of the grades does not matter."""
    language = shown.language
    grades = sorted(grades, key=lambda one: one.submission)
    graded = [one for one in grades if one.score is not None]
    scores = [one.score or 0.0 for one in graded]
    best = max((one.max_score for one in graded), default=0.0)
    bins = [0] * BINS
    for one in graded:
        bins[min(BINS - 1, int((one.share or 0.0) * BINS))] += 1
    figures = [("submissions", str(len(grades))), ("graded", str(len(graded)))]
    if scores:
        measures = (("mean", statistics.fmean), ("median", statistics.median), ("lowest", min), ("highest", max))
        figures += [(key, f"{number(round(measure(scores), 2))} / {number(best)}") for key, measure in measures]
    title = clean(shown.title or next((one.assignment for one in grades), ""), 500)
    return ClassReport(
        language=language,
        title=languages.say(language, "class.title", assignment=title),
        figures=tuple((languages.say(language, f"class.{key}"), text) for key, text in figures),
        bins=tuple(bins),
        mistakes=_mistakes(graded, language),
        rates=_rates(graded),
        standings=tuple(
            Standing(
                clean(one.submission, 120),
                one.submission,
                f"{number(one.score)} / {number(one.max_score)}",
                one.share,
                one.status,
                languages.say(language, f"status.{one.status}"),
            )
            for one in grades
        ),
        lost=tuple(clean(one.submission, 120) for one in grades if one.score is None),
    )


def as_html(seen: ClassReport) -> str:
    """class.html."""
    return html.page("class.html", seen.language, {"view": seen, "most": max((*seen.bins, 1))})


def as_markdown(seen: ClassReport) -> str:
    """class.md; bars are made of blocks."""

    def word(key: str) -> str:
        return languages.say(seen.language, f"class.{key}")

    lines = [f"# {markdown(seen.title)}", "", *(f"- {name}: {text}" for name, text in seen.figures)]
    if seen.lost:
        lines += ["", f"## {word('not_graded')}", "", word("not_graded_note"), "", *(f"- {markdown(one)}" for one in seen.lost)]
    lines += ["", f"## {word('distribution')}", "", "```text"]
    most = max((*seen.bins, 1))
    lines += [f"{10 * n:3}–{10 * (n + 1):3} %  {'█' * round(30 * c / most):30} {c}".rstrip() for n, c in enumerate(seen.bins)]
    lines += ["```", "", f"## {word('mistakes')}", ""]
    if seen.mistakes:
        lines += [f"| {word('mistake')} | {word('how_often')} | {word('where')} |", "|---|--:|---|"]
        lines += [
            f"| {markdown(one.sentence)} | {len(one.submissions)} | {markdown(', '.join(one.checks))} |" for one in seen.mistakes
        ]
    else:
        lines.append(word("no_mistakes"))
    lines += ["", f"## {word('checks')}", "", f"| {word('check')} | {word('pass_rate')} | {word('average')} |", "|---|--:|--:|"]
    lines += [
        f"| {markdown(one.name)} | {one.passed} / {one.asked} | {number(one.average)} / {number(one.max_points)} |"
        for one in seen.rates
    ]
    lines += ["", f"## {word('submissions')}", "", f"| {word('name')} | {word('score')} | {word('status')} |", "|---|--:|---|"]
    lines += [f"| {markdown(one.submission)} | {one.score} | {one.word} |" for one in seen.standings]
    return "\n".join([*lines, ""])


def _mistakes(graded: Sequence[Grade], language: Language) -> tuple[Mistake, ...]:
    """The most frequent first. A submission counts once for a mistake, however many checks show it, and not where too many fit."""
    sentences: dict[str, str] = {}
    who: dict[str, dict[str, None]] = {}
    where: dict[str, dict[str, None]] = {}
    for one in graded:
        for check in one.checks:
            for match in check.matches if check.specific else ():
                for id, sentence in zip(match.ids, match.sentences, strict=False):
                    sentences.setdefault(id, clean(languages.mistake(language, id, sentence), 500))
                    who.setdefault(id, {})[clean(one.submission, 120)] = None
                    where.setdefault(id, {})[clean(check.name, 120)] = None
    order = sorted(sentences, key=lambda id: (-len(who[id]), id))
    return tuple(Mistake(sentences[id], tuple(who[id]), tuple(sorted(where[id]))) for id in order)


def _rates(graded: Sequence[Grade]) -> tuple[Rate, ...]:
    """In the order of the assignment, as the first submission has it."""
    checks = [check for one in graded for check in one.checks]
    found = []
    for name in dict.fromkeys(check.name for check in checks):
        own = [check for check in checks if check.name == name]
        average = round(statistics.fmean(check.points or 0.0 for check in own), 2)
        passed = sum(check.outcome == "passed" for check in own)
        found.append(Rate(clean(name, 120), passed, len(own), average, max(check.max_points for check in own)))
    return tuple(found)
