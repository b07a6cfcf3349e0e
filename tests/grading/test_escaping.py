"""What students write or choose does no harm in a terminal, a page, a Markdown file or a spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.reports.escaping import clean, csv_cell, markdown, markdown_code

_ANY = st.text(max_size=60) | st.text("\x1b[]0m\x07\x9b31;\n\r\t`*_<>&|=+-@'\" !()#1.\\a", max_size=40)


@given(_ANY)
@example("\x1b]8;;http://evil\x07click\x1b]8;;\x07")
@example("\u202egnp.exe")
def test_nothing_invisible_or_commanding_is_left(text: str) -> None:
    """No control character, escape sequence, direction mark or lone surrogate; no line breaks unless asked for."""
    for lines in (False, True):
        shown = clean(text, lines=lines)
        left = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")} - set("\u200c\u200d")
        assert left <= ({"\n"} if lines else set())
        shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\rb\nc\td", "a b c d"),
        ("김민수", "김민수"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        ("x" * 5000, "x" * 1998 + " …"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\x1b", ""),
    ],
)
def test_ordinary_text_stays(text: str, shown: str) -> None:
    """Only what could do harm goes."""
    assert clean(text) == shown


def _tokens(text: str) -> list[str]:
    reader = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    return [child.type for token in reader.parse(text) for child in (token, *(token.children or ()))]


@given(_ANY)
@example("1. a")
@example("12) a")
@example("- [x](javascript:alert(1))")
@example("---")
@example("<script>alert(1)</script>")
@example("![x](http://evil/x.png)")
@example("a | b\n|---|---|")
def test_markdown_shows_the_text_and_nothing_more(text: str) -> None:
    """One paragraph of plain text: no emphasis, code, link, image, HTML, heading, list, quotation, rule or table."""
    allowed = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak"}
    assert set(_tokens(markdown(text))) <= allowed
    page = MarkdownIt("commonmark").render(markdown(text))
    assert "<script" not in page
    assert "href" not in page


@given(_ANY)
def test_a_fenced_text_stays_in_its_fence(text: str) -> None:
    """However many backticks it holds."""
    parsed = MarkdownIt("commonmark").parse(markdown_code(text))
    assert [token.type for token in parsed] == ["fence"]
    assert parsed[0].content.rstrip("\n") == clean(text, lines=True).rstrip("\n")


@given(st.lists(st.lists(_ANY, min_size=2, max_size=4), min_size=1, max_size=4))
@example([["=HYPERLINK(1)", "+1"], ["-1", "@SUM(A1)"]])
@example([["\t=1", "\r=1"], ["\n=1", " =1"]])
@example([["＝1", "'=1"], ['"=1', "\u202e=1"]])
def test_no_cell_is_a_formula_and_no_cell_makes_another(rows: list[list[str]]) -> None:
    """As many rows and cells come back as went in, and none begins with what a spreadsheet computes."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([csv_cell(cell) for cell in row] for row in rows)
    back = list(csv.reader(io.StringIO(text.getvalue())))
    assert [len(row) for row in back] == [len(row) for row in rows]
    for cell in (cell for row in back for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@"))


def test_numbers_stay_numbers() -> None:
    """They are ours; a text that looks like one is not."""
    assert [csv_cell(value) for value in (1.5, 3, None, -2.0, "-2", True, 1 / 3)] == [
        "1.5",
        "3",
        "",
        "-2",
        "'-2",
        "True",
        "0.3333333333",
    ]
