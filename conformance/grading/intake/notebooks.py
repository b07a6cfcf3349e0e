"""From a notebook to Python source: its code cells, without what only a notebook understands.

The rule, in full: outputs, Markdown and raw cells are left out. A cell that begins with `%%` is left out whole. In other cells a line
that begins with `%`, `!` or `?`, where a statement may begin, is left out; so are lines that end with `?` and are nothing but a
name. Everything left out is said in a note. A cell that is no Python then (as with `files = !ls`) makes the notebook refused.
"""

from __future__ import annotations

import ast
import re
import warnings

from conformance.errors import UnreadableNotebook
from conformance.respondent.printable import listed

_MOST_CELLS = 2000
_HELP = re.compile(r"\s*[\w.]+\?{1,2}\s*")
# A comment, a text in quotes (to its end or that of the cell), a continued line, a bracket, a line break, anything else.
_PIECE = re.compile(
    r"""#[^\n]*|\'{3}(?:\\.|[^\\])*?(?:\'{3}|\Z)|"{3}(?:\\.|[^\\])*?(?:"{3}|\Z)|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?"""
    r"""|\\\n|[()\[\]{}]|\n|[^#'"()\[\]{}\\\n]+|.""",
    re.DOTALL,
)


def to_source(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The source of a notebook's code cells and notes on what was left out.

    Raises:
        UnreadableNotebook: not JSON, not a notebook, not written in Python, or a cell that is no Python.
    """
    code, notes = [], []
    for number, cell in enumerate(_code_cells(data), start=1):
        if (magic := _magic_of_a_cell(cell)) is not None:
            code.append(f"# cell {number}\n\n")
            notes.append(f"cell {number}: left out whole, because it begins with {magic}")
            continue
        source, left_out = _python_of(cell, number)
        code.append(f"# cell {number}\n{source.rstrip()}\n")
        if left_out:
            examples = listed(sorted({line.strip()[:40] for line in left_out}))
            count = f"{len(left_out)} lines that are" if len(left_out) > 1 else "1 line that is"
            notes.append(f"cell {number}: left out {count} no Python: {examples}")
    return "\n".join(code), tuple(notes)


def _code_cells(data: bytes) -> list[str]:
    import nbformat  # takes a tenth of a second, and most classes hand in no notebook
    from nbformat import reader

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing cell ids and the like
            # Not nbformat.reads, which writes what is wrong with a notebook, in the student's words, to standard error.
            book = nbformat.convert(reader.reads(data.decode("utf-8")), 4)
        language = (
            book.metadata.get("kernelspec", {}).get("language") or book.metadata.get("language_info", {}).get("name") or "python"
        )
        cells = [(cell.cell_type, cell.get("source", "")) for cell in book.cells]
    except UnicodeDecodeError as error:
        raise UnreadableNotebook("the notebook is not UTF-8") from error
    except reader.NotJSONError as error:
        raise UnreadableNotebook("the notebook is not JSON") from error
    except RecursionError as error:
        raise UnreadableNotebook("the notebook is nested too deeply") from error
    except Exception as error:  # nbformat raises many kinds for what is no notebook
        raise UnreadableNotebook(f"it is no notebook of version 4 or older ({type(error).__name__})") from error
    if not isinstance(language, str) or not language.lower().startswith(("python", "ipython")):
        raise UnreadableNotebook("the notebook is not written in Python")
    if len(cells) > _MOST_CELLS:
        raise UnreadableNotebook(f"the notebook has more than {_MOST_CELLS} cells")
    if not all(isinstance(text, str) for _, text in cells):
        raise UnreadableNotebook("the notebook has a cell whose source is no text")
    return [text for kind, text in cells if kind == "code" and text.strip()]


def _magic_of_a_cell(cell: str) -> str | None:
    """The word that says how a whole cell is to be understood; None in a cell of plain Python."""
    return cell.split(maxsplit=1)[0][:40] if cell.lstrip().startswith("%%") and "\0" not in cell else None


def _python_of(cell: str, number: int) -> tuple[str, list[str]]:
    """The cell as Python, and the lines that were left out."""
    if "\0" in cell:
        raise UnreadableNotebook(f"cell {number} contains a NUL character")
    if _problem(cell) is None:
        return cell, []
    source, left_out = _without_magics(cell)
    problem = _problem(source)
    if problem is not None:
        raise UnreadableNotebook(f"cell {number}, {problem}")
    return source, left_out


def _only_for_notebooks(line: str) -> bool:
    return line.lstrip()[:1] in ("%", "!", "?") or _HELP.fullmatch(line) is not None


def _problem(source: str) -> str | None:
    """Why the source is no Python; None if it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in texts
            ast.parse(source)
    except SyntaxError as error:
        return f"line {error.lineno}: it is no Python"
    except (ValueError, RecursionError, MemoryError):
        return "line 1: it is nested too deeply or no text"
    return None


def _without_magics(cell: str) -> tuple[str, list[str]]:
    """Read once from front to back, so that no cell is slow: a line counts only outside texts in quotes and brackets."""
    lines: list[str] = []
    left_out: list[str] = []
    position, depth, fresh = 0, 0, True
    while position < len(cell):
        if fresh:
            line = cell[position : _line_end(cell, position)]
            if _only_for_notebooks(line):
                left_out.append(line)
                lines.append(line[: len(line) - len(line.lstrip())] + "pass")  # keeps the line numbers, and a block its body
                position, fresh = position + len(line), False
                continue
        piece = _PIECE.match(cell, position)
        assert piece is not None, "the last alternative matches anything"
        text, position = piece[0], piece.end()
        lines.append(text)
        depth = max(0, depth + (text in "([{") - (text in ")]}"))
        fresh = text == "\n" and depth == 0
    return "".join(lines), left_out


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
