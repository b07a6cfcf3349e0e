"""What a teacher reads of a whole class: how the scores are spread, which mistakes were made and how often, and which checks were hard."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import html, languages
from conformance.grading.feedback.feedback_text import number
from conformance.grading.feedback.visibility import Presentation
from conformance.grading.grade_file import Grade, Status
from conformance.reports.escaping import clean, markdown

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


def class_report(grades: Sequence[Grade], presentation: Presentation) -> ClassReport:
    """The class. The order of the grades does not matter."""
    language = presentation.language
    grades = sorted(grades, key=lambda grade: grade.submission)
    graded = [grade for grade in grades if grade.score is not None]
    scores = [grade.score or 0.0 for grade in graded]
    best = max((grade.max_score for grade in graded), default=0.0)
    bins = [0] * BINS
    for grade in graded:
        bins[min(BINS - 1, int((grade.share or 0.0) * BINS))] += 1
    figures = [("submissions", str(len(grades))), ("graded", str(len(graded)))]
    if scores:
        measures = (("mean", statistics.fmean), ("median", statistics.median), ("lowest", min), ("highest", max))
        figures += [(key, f"{number(round(measure(scores), 2))} / {number(best)}") for key, measure in measures]
    title = clean(presentation.title or next((grade.assignment for grade in grades), ""), 500)
    return ClassReport(
        language=language,
        title=languages.say(language, "class.title", assignment=title),
        figures=tuple((languages.say(language, f"class.{key}"), text) for key, text in figures),
        bins=tuple(bins),
        mistakes=_mistakes(graded, language),
        rates=_rates(graded),
        standings=tuple(
            Standing(
                clean(grade.submission, 120),
                grade.submission,
                f"{number(grade.score)} / {number(grade.max_score)}",
                grade.share,
                grade.status,
                languages.say(language, f"status.{grade.status}"),
            )
            for grade in grades
        ),
        lost=tuple(clean(grade.submission, 120) for grade in grades if grade.score is None),
    )


def as_html(report: ClassReport) -> str:
    """class.html."""
    return html.page("class.html", report.language, {"report": report, "most": max((*report.bins, 1))})


def as_markdown(report: ClassReport) -> str:
    """class.md; bars are made of blocks."""

    def word(key: str) -> str:
        return languages.say(report.language, f"class.{key}")

    lines = [f"# {markdown(report.title)}", "", *(f"- {name}: {text}" for name, text in report.figures)]
    if report.lost:
        lines += [
            "",
            f"## {word('not_graded')}",
            "",
            word("not_graded_note"),
            "",
            *(f"- {markdown(submission)}" for submission in report.lost),
        ]
    lines += ["", f"## {word('distribution')}", "", "```text"]
    most = max((*report.bins, 1))
    lines += [f"{10 * n:3}–{10 * (n + 1):3} %  {'█' * round(30 * c / most):30} {c}".rstrip() for n, c in enumerate(report.bins)]
    lines += ["```", "", f"## {word('mistakes')}", ""]
    if report.mistakes:
        lines += [f"| {word('mistake')} | {word('how_often')} | {word('where')} |", "|---|--:|---|"]
        lines += [
            f"| {markdown(mistake.sentence)} | {len(mistake.submissions)} | {markdown(', '.join(mistake.checks))} |"
            for mistake in report.mistakes
        ]
    else:
        lines.append(word("no_mistakes"))
    lines += ["", f"## {word('checks')}", "", f"| {word('check')} | {word('pass_rate')} | {word('average')} |", "|---|--:|--:|"]
    lines += [
        f"| {markdown(rate.name)} | {rate.passed} / {rate.asked} | {number(rate.average)} / {number(rate.max_points)} |"
        for rate in report.rates
    ]
    lines += ["", f"## {word('submissions')}", "", f"| {word('name')} | {word('score')} | {word('status')} |", "|---|--:|---|"]
    lines += [f"| {markdown(standing.submission)} | {standing.score} | {standing.word} |" for standing in report.standings]
    return "\n".join([*lines, ""])


def _mistakes(graded: Sequence[Grade], language: Language) -> tuple[Mistake, ...]:
    """The most frequent first. A submission counts once for a mistake, however many checks show it, and not where too many fit."""
    sentences: dict[str, str] = {}
    submissions: dict[str, dict[str, None]] = {}
    where: dict[str, dict[str, None]] = {}
    for grade in graded:
        for check in grade.checks:
            for match in check.matches if check.specific else ():
                for id, sentence in zip(match.ids, match.sentences, strict=False):
                    sentences.setdefault(id, clean(languages.mistake(language, id, sentence), 500))
                    submissions.setdefault(id, {})[clean(grade.submission, 120)] = None
                    where.setdefault(id, {})[clean(check.name, 120)] = None
    order = sorted(sentences, key=lambda id: (-len(submissions[id]), id))
    return tuple(Mistake(sentences[id], tuple(submissions[id]), tuple(sorted(where[id]))) for id in order)


def _rates(graded: Sequence[Grade]) -> tuple[Rate, ...]:
    """In the order of the assignment, as the first submission has it."""
    checks = [check for grade in graded for check in grade.checks]
    rates = []
    for name in dict.fromkeys(check.name for check in checks):
        own = [check for check in checks if check.name == name]
        average = round(statistics.fmean(check.points or 0.0 for check in own), 2)
        passed = sum(check.outcome == "passed" for check in own)
        rates.append(Rate(clean(name, 120), passed, len(own), average, max(check.max_points for check in own)))
    return tuple(rates)
