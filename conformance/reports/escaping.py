"""Text that somebody else wrote or chose (names, messages, output), made fit for the places where it is shown.

Rules of this room: control and formatting characters go everywhere; then HTML is escaped by jinja2, Markdown by `markdown`, and a
spreadsheet's cell by `csv_cell`. What has gone through `clean` has no line breaks unless they were asked for.
"""

from __future__ import annotations

import re
import unicodedata

# ANSI: CSI sequences, then OSC and its kin up to their end, then two-character escapes; 7-bit and 8-bit forms.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b.?"
)
# Control, format (which turns writing direction round or is invisible), surrogate, private use, unassigned, line and paragraph separators.
_UNWANTED = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# A zero-width joiner holds emoji together and some scripts apart.
_JOINERS = "\u200c\u200d"
_MARKS_IN_A_ROW = 4
# What begins emphasis, code, a link, an image, HTML, a mention, a table cell or mathematics anywhere, an address that becomes a link by
# itself, and a heading, list, rule or quotation at the start of a line.
_MARKDOWN = re.compile(r"[\\`*_\[\]#|<>~&$@]|:(?=//)|(?<=www)\.|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]", re.IGNORECASE)
_FORMULA = tuple("=+-@＝＋－＠")
LONGEST = 2000


def clean(text: str, longest: int = LONGEST, lines: bool = False) -> str:
    """Without ANSI sequences, control characters and towers of accents, cut to `longest`; line breaks stay if `lines`."""
    text = text[: 4 * longest].replace("\r\n", "\n")
    text = _ANSI.sub("", text)
    characters: list[str] = []
    marks = 0
    for character in text:
        if character == "\n" and lines:
            characters.append(character)
        elif character in "\t\n\r\v\f\u0085\u2028\u2029\u00a0":
            characters.append(" ")
        elif character in _JOINERS or unicodedata.category(character) not in _UNWANTED:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= _MARKS_IN_A_ROW:
                characters.append(character)
    short = "".join(characters)
    return short if len(short) <= longest else f"{short[: longest - 2]} …"


def markdown(text: str, longest: int = LONGEST) -> str:
    """The text as Markdown shows it literally.

    >>> markdown("*a* <b> [c](https://d) | 1 - 2")
    '\\\\*a\\\\* \\\\<b\\\\> \\\\[c\\\\](https\\\\://d) \\\\| 1 - 2'
    """
    return _MARKDOWN.sub(r"\\\g<0>", clean(text, longest).strip())


def markdown_code(text: str, longest: int = LONGEST) -> str:
    """The text as a fenced block whose fence is longer than any run of backticks in it."""
    content = clean(text, longest, lines=True)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", content)), default=0))
    return f"{fence}text\n{content}\n{fence}"


def csv_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers, None is empty."""
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:.10g}"
    content = clean(str(value))
    # Quotes and blanks before the sign do not keep every program from seeing a formula.
    return f"'{content}" if content.lstrip(" '\"").startswith(_FORMULA) else content
