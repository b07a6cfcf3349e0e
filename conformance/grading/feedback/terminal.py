"""Feedback as a student reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages
from conformance.grading.feedback.feedback_text import SIGNS, CheckText, FeedbackText


def as_lines(seen: FeedbackText) -> Iterator[tuple[str, str]]:
    """Every line with its style: a table of the checks, and below it everything that is not right."""
    findings = [one for found in seen.tasks.values() for one in found]
    specs = max((cell_len(one.spec) for one in findings), default=0)
    parts = max((cell_len(one.part) for one in findings), default=0)
    for one in findings:
        line = f"{SIGNS[one.outcome]} {_padded(one.spec, specs)}  {_padded(one.part, parts)}  {one.points:>9}"
        yield f"{line}  {one.status}" if one.outcome not in ("passed", "failed") else line, _STYLES.get(one.outcome, "red")
    for one in seen.findings:
        yield "", ""
        yield f"{SIGNS[one.outcome]} {one.spec}: {one.part}", "bold red"
        for line in _explained(one, seen.language):
            yield f"  {line}", ""
    yield "", ""
    for note in seen.notes:
        yield note, "dim"
    yield seen.score, "bold green" if seen.share == 1.0 else "bold"


_STYLES = {"passed": "green", "skipped": "dim"}


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _explained(one: CheckText, language: Language) -> Iterator[str]:
    def word(key: str) -> str:
        return languages.say(language, f"feedback.{key}")

    yield one.sentence
    place = f" ({one.place})" if one.place else ""
    for label, text in (
        (word("asked"), one.asked),
        (word("said"), one.said),
        (word("input"), one.input),
        (word("actual") + place, one.actual),
        (word("expected"), one.expected),
    ):
        if text:
            yield f"{label}:"
            yield from (f"    {line}" for line in text.splitlines())
    if one.explanations:
        yield f"{word('either' if len(one.explanations) > 1 else 'mistake')}:"
        for each in one.explanations:
            yield f"    {each.sentence}{f' {each.remark}' if each.remark else ''}"
        if one.more:
            yield f"    {one.more}"
        hints = list(dict.fromkeys(each.hint for each in one.explanations if each.hint))
        if hints:
            yield f"{word('hint')}:"
            yield from (f"    {hint}" for hint in hints)
