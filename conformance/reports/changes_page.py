"""A comparison of two runs as one HTML file."""

from __future__ import annotations

from conformance.reports import changes_words as words
from conformance.reports.pages import page
from conformance.reports.run_changes import RunChanges


def as_html(changes: RunChanges) -> str:
    """The page; jinja2 escapes whatever the reports say."""
    return page("changes.html", language="en", changes=changes, words=words, sections=list(words.sections(changes)))
