"""A badge: what a report comes to, in a small SVG that needs nothing from elsewhere and says in words what its colour says."""

from __future__ import annotations

from xml.sax.saxutils import escape

from conformance.judging.verdicts import STRUCTURE_ONLY
from conformance.reports.checks import WRONG
from conformance.reports.jsonl import Report

_LABEL = "conformance"
_GREEN, _RED, _GREY = "#2c7a57", "#a94435", "#646a76"
# How wide letters are at 11 pixels, give or take; the text is set to exactly as much as comes of it.
_NARROW, _WIDE = frozenset("fijlrt "), frozenset("mw")
_MARGIN, _HEIGHT = 7, 20


def badge(report: Report) -> str:
    """The picture."""
    sentence, colour = verdict(report)
    left, right = (_width(text) + 2 * _MARGIN for text in (_LABEL, sentence))
    title = escape(f"{_LABEL}: {sentence}")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" aria-label="{title}">
<title>{title}</title>
<clipPath id="r"><rect width="{left + right}" height="{_HEIGHT}" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#3a3f4a"/>
<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">
{_text(_LABEL, left / 2)}
{_text(sentence, left + right / 2)}
</g>
</svg>
"""


def verdict(report: Report) -> tuple[str, str]:
    """In a few words, and the colour that goes with them. What was not run is no success."""
    wrong = sum(line["outcome"] in WRONG for line in report.verdicts)
    checks = wrong + sum(line["outcome"] == "passed" for line in report.verdicts)
    if not checks:
        return "nothing was run", _GREY
    if wrong:
        return f"{wrong} of {checks} checks fail", _RED
    structural = sum(bool(line.get("without_values")) for line in report.verdicts)
    alone = f", {structural} {STRUCTURE_ONLY}" if structural else ""
    return (f"all {checks} checks conform{alone}" if checks > 1 else f"1 check conforms{alone}"), _GREEN


def _text(text: str, middle: float) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{_width(text)}">{escape(text)}</text>'


def _width(text: str) -> int:
    return round(sum(4.2 if letter in _NARROW else 10.2 if letter in _WIDE else 6.8 for letter in text))
