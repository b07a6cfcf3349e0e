"""Feedback in Markdown."""

from __future__ import annotations

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages
from conformance.grading.feedback.feedback_text import SIGNS, CheckText, FeedbackText
from conformance.reports.escaping import markdown, markdown_code


def as_markdown(feedback: FeedbackText) -> str:
    """feedback.md. Code blocks hold only what `markdown_code` fenced."""

    def word(key: str) -> str:
        return languages.say(feedback.language, f"feedback.{key}")

    lines = [f"# {markdown(feedback.title)}", "", markdown(feedback.assignment)]
    lines += ["", markdown(feedback.deadline)] if feedback.deadline else []
    lines += ["", f"**{markdown(feedback.score)}**", "", f"## {word('summary')}", ""]
    if feedback.tasks:
        lines += [f"| {word('task')} | {word('result')} | {word('points')} |", "|---|---|--:|"]
        lines += [
            f"| {markdown(check.spec)}: {markdown(check.part)} | {SIGNS[check.outcome]} {check.status} | {check.points} |"
            for checks in feedback.tasks.values()
            for check in checks
        ]
    else:
        lines.append(word("nothing"))
    lines += ["", markdown(feedback.hidden)] if feedback.hidden else []
    if feedback.checks_to_look_at:
        lines += ["", f"## {word('to_look_at')}"]
        for check in feedback.checks_to_look_at:
            lines += ["", f"### {markdown(check.spec)}: {markdown(check.part)}", "", *_check_lines(check, feedback.language)]
    elif feedback.tasks:
        lines += ["", word("all_right")]
    if feedback.notes:
        lines += ["", f"## {word('notes')}", "", *(f"- {markdown(note)}" for note in feedback.notes)]
    return "\n".join([*lines, "", "---", "", markdown(feedback.made_by), ""])


def check_as_markdown(check: CheckText, language: Language) -> str:
    """One check alone, for platforms that show a check at a time."""
    return "\n".join(_check_lines(check, language))


def _check_lines(check: CheckText, language: Language) -> list[str]:
    def labelled(key: str, extra: str = "") -> str:
        return f"**{languages.say(language, f'feedback.{key}')}**{f' ({markdown(extra)})' if extra else ''}"

    lines = [f"{SIGNS[check.outcome]} {check.status}, {check.points}. {check.sentence}"]
    for key, text, extra in (
        ("asked", check.equation, ""),
        ("said", check.message, ""),
        ("input", check.input, ""),
        ("actual", check.actual, check.place),
        ("expected", check.expected, ""),
    ):
        lines += ["", labelled(key, extra), "", markdown_code(text)] if text else []
    if check.explanations:
        lines += ["", labelled("either" if len(check.explanations) > 1 else "mistake"), ""]
        lines += [
            f"- {markdown(explanation.sentence)}{f' {explanation.remark}' if explanation.remark else ''}"
            for explanation in check.explanations
        ]
        lines += [f"- {check.more}"] if check.more else []
        hints = list(dict.fromkeys(explanation.hint for explanation in check.explanations if explanation.hint))
        lines += ["", labelled("hint"), "", *(f"- {markdown(hint)}" for hint in hints)] if hints else []
    return lines
