"""Feedback in Markdown."""

from __future__ import annotations

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages
from conformance.grading.feedback.escaping import markdown, markdown_code
from conformance.grading.feedback.feedback_text import SIGNS, CheckText, FeedbackText


def as_markdown(seen: FeedbackText) -> str:
    """feedback.md. Code blocks hold only what `markdown_code` fenced."""

    def word(key: str) -> str:
        return languages.say(seen.language, f"feedback.{key}")

    lines = [f"# {markdown(seen.title)}", "", markdown(seen.assignment)]
    lines += ["", markdown(seen.deadline)] if seen.deadline else []
    lines += ["", f"**{markdown(seen.score)}**", "", f"## {word('summary')}", ""]
    if seen.tasks:
        lines += [f"| {word('task')} | {word('result')} | {word('points')} |", "|---|---|--:|"]
        lines += [
            f"| {markdown(one.spec)}: {markdown(one.part)} | {SIGNS[one.outcome]} {one.status} | {one.points} |"
            for found in seen.tasks.values()
            for one in found
        ]
    else:
        lines.append(word("nothing"))
    lines += ["", markdown(seen.hidden)] if seen.hidden else []
    if seen.findings:
        lines += ["", f"## {word('to_look_at')}"]
        for one in seen.findings:
            lines += ["", f"### {markdown(one.spec)}: {markdown(one.part)}", "", *_check_lines(one, seen.language)]
    elif seen.tasks:
        lines += ["", word("all_right")]
    if seen.notes:
        lines += ["", f"## {word('notes')}", "", *(f"- {markdown(note)}" for note in seen.notes)]
    return "\n".join([*lines, "", "---", "", markdown(seen.made_by), ""])


def check_as_markdown(one: CheckText, language: Language) -> str:
    """One check alone, for platforms that show a check at a time."""
    return "\n".join(_check_lines(one, language))


def _check_lines(one: CheckText, language: Language) -> list[str]:
    def labelled(key: str, extra: str = "") -> str:
        return f"**{languages.say(language, f'feedback.{key}')}**{f' ({markdown(extra)})' if extra else ''}"

    lines = [f"{SIGNS[one.outcome]} {one.status}, {one.points}. {one.sentence}"]
    for key, text, extra in (
        ("asked", one.asked, ""),
        ("said", one.said, ""),
        ("input", one.input, ""),
        ("actual", one.actual, one.place),
        ("expected", one.expected, ""),
    ):
        lines += ["", labelled(key, extra), "", markdown_code(text)] if text else []
    if one.explanations:
        lines += ["", labelled("either" if len(one.explanations) > 1 else "mistake"), ""]
        lines += [f"- {markdown(each.sentence)}{f' {each.remark}' if each.remark else ''}" for each in one.explanations]
        lines += [f"- {one.more}"] if one.more else []
        hints = list(dict.fromkeys(each.hint for each in one.explanations if each.hint))
        lines += ["", labelled("hint"), "", *(f"- {markdown(hint)}" for hint in hints)] if hints else []
    return lines
