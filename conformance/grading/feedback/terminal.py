"""Feedback as a student reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages
from conformance.grading.feedback.feedback_text import SIGNS, CheckText, FeedbackText


def as_lines(feedback: FeedbackText) -> Iterator[tuple[str, str]]:
    """Every line with its style: a table of the checks, and below it everything that is not right."""
    checks = [check for checks_of_task in feedback.tasks.values() for check in checks_of_task]
    specs = max((cell_len(check.spec) for check in checks), default=0)
    parts = max((cell_len(check.part) for check in checks), default=0)
    for check in checks:
        line = f"{SIGNS[check.outcome]} {_padded(check.spec, specs)}  {_padded(check.part, parts)}  {check.points:>9}"
        yield f"{line}  {check.status}" if check.outcome not in ("passed", "failed") else line, _STYLES.get(check.outcome, "red")
    for check in feedback.checks_to_look_at:
        yield "", ""
        yield f"{SIGNS[check.outcome]} {check.spec}: {check.part}", "bold yellow" if check.remarked else "bold red"
        for line in _explained(check, feedback.language):
            yield f"  {line}", ""
    yield "", ""
    for note in feedback.notes:
        yield note, "dim"
    yield feedback.score, "bold green" if feedback.share == 1.0 else "bold"


_STYLES = {"passed": "green", "skipped": "dim"}


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _explained(check: CheckText, language: Language) -> Iterator[str]:
    def word(key: str) -> str:
        return languages.say(language, f"feedback.{key}")

    yield check.sentence
    place = f" ({check.place})" if check.place else ""
    for label, text in (
        (word("asked"), check.equation),
        (word("said"), check.message),
        (word("input"), check.input),
        (word("actual") + place, check.actual),
        (word("expected"), check.expected),
    ):
        if text:
            yield f"{label}:"
            yield from (f"    {line}" for line in text.splitlines())
    if check.explanations:
        yield f"{word('either' if len(check.explanations) > 1 else 'mistake')}:"
        for explanation in check.explanations:
            yield f"    {explanation.sentence}{f' {explanation.remark}' if explanation.remark else ''}"
        if check.more:
            yield f"    {check.more}"
        hints = list(dict.fromkeys(explanation.hint for explanation in check.explanations if explanation.hint))
        if hints:
            yield f"{word('hint')}:"
            yield from (f"    {hint}" for hint in hints)
