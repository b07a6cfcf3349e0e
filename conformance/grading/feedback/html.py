"""The HTML pages of grading, in two languages; what all pages of the project have in common stands in `conformance.reports.pages`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from conformance.grading.assignment.assignment import Language
from conformance.grading.feedback import languages
from conformance.grading.feedback.feedback_text import SIGNS, FeedbackText, number
from conformance.reports import pages

_TEMPLATES = Path(__file__).parent / "templates"


def feedback_page(feedback: FeedbackText) -> str:
    """feedback.html."""
    return page("feedback.html", feedback.language, {"feedback": feedback})


def page(template: str, language: Language, values: Mapping[str, Any]) -> str:
    """A page from a template; `t` says a text in the language, `counted` one with a number."""

    def text(key: str, **names: Any) -> str:
        return languages.say(language, key, **names)

    def counted(key: str, count: float, **names: Any) -> str:
        return languages.counted(language, key, count, **names)

    return (
        _environment()
        .get_template(template)
        .render(t=text, counted=counted, language=language, signs=SIGNS, number=number, **values)
    )


@cache
def _environment() -> jinja2.Environment:
    environment = pages.environment(_TEMPLATES)
    environment.filters["as_path"] = lambda name: quote(name, safe="")
    return environment
