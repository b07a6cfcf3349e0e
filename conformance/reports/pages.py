"""HTML pages: self-contained, without scripts, readable by day and night, on paper and by screen readers. jinja2 escapes every value.

The frame and the style of all pages of the project stand in `templates/`; grading has templates of its own beside them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from conformance.reports.escaping import clean

TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, folder: Path = TEMPLATES, **values: Any) -> str:
    """A page from a template of the folder, with these values."""
    return environment(folder).get_template(template).render(**values)


@cache
def environment(folder: Path) -> jinja2.Environment:
    """The templates of a folder, and the frame that they stand in."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["clean"] = clean
    return templates
