"""HTML pages: self-contained, without scripts, readable by day and night, on paper and by screen readers. jinja2 escapes every value."""

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

_TEMPLATES = Path(__file__).parent / "templates"


def feedback_page(seen: FeedbackText) -> str:
    """feedback.html."""
    return page("feedback.html", seen.language, {"view": seen})


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
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["as_path"] = lambda name: quote(name, safe="")
    return made
