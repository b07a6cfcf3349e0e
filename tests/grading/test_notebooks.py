"""Notebooks: code cells alone, by a stated rule, in time that grows with their size and no faster."""

from __future__ import annotations

import ast

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UnreadableNotebook
from conformance.grading.intake.notebooks import to_source


def notebook(*cells: str) -> bytes:
    """A notebook with those code cells, and one of Markdown that must not be read."""
    made = [nbformat.v4.new_markdown_cell("import os"), *(nbformat.v4.new_code_cell(cell) for cell in cells)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=made)).encode()


def _refusal(data: bytes) -> str:
    with pytest.raises(UnreadableNotebook) as caught:
        to_source(data)
    return str(caught.value)


def test_code_cells_are_taken_and_nothing_else() -> None:
    """In their order, with no note where nothing was left out."""
    source, notes = to_source(notebook("x = 1", "y = x"))
    scope: dict[str, object] = {}
    exec(source, scope)
    assert (scope["x"], scope["y"], "os" in scope) == (1, 1, False)
    assert notes == ()


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install torch\nx = 1", "pass\nx = 1"),
        ("if True:\n    !ls\nx = 1", "if True:\n    pass\nx = 1"),
        ("torch.nn.Linear??\nx = 1", "pass\nx = 1"),
        ("?print\nx = 1", "pass\nx = 1"),
        ("# it's open(\n!ls\nx = 1", "# it's open(\npass\nx = 1"),
        ("x = '''\n!kept\n'''\n!ls", "x = '''\n!kept\n'''\npass"),
        ("x = (7\n  % 4)\n%time", "x = (7\n  % 4)\npass"),
        ("x = 7 \\\n  % 4\n%time", "x = 7 \\\n  % 4\npass"),
        ('x = "a\\"(" # [\n%time', 'x = "a\\"(" # [\npass'),
    ],
)
def test_lines_for_notebooks_are_left_out_and_said(cell: str, kept: str) -> None:
    """Only where a statement begins: what stands in a text or a bracket is the student's."""
    source, notes = to_source(notebook(cell))
    assert source == f"# cell 1\n{kept}\n"
    (note,) = notes
    assert note.startswith("cell 1: left out 1 line")


def test_what_is_python_is_never_touched() -> None:
    """A cell that parses stays as it is, whatever its lines begin with."""
    cell = "x = '''\n%fine\n!fine\n'''"
    assert to_source(notebook(cell)) == (f"# cell 1\n{cell}\n", ())


def test_a_cell_of_another_language_is_left_out_whole() -> None:
    """It begins with two per cent signs."""
    assert to_source(notebook("%%bash\nrm -rf /", "x = 1")) == (
        "# cell 1\n\n\n# cell 2\nx = 1\n",
        ("cell 1: left out whole, because it begins with %%bash",),
    )


def test_what_is_left_out_is_counted() -> None:
    """One line is, two are; of many the first five, and a sign that there are more."""
    _, notes = to_source(notebook("%a\nx = 1", "%a\n%b\nx = 1", "\n".join(f"%m{n}" for n in range(7))))
    assert notes == (
        "cell 1: left out 1 line that is no Python: %a",
        "cell 2: left out 2 lines that are no Python: %a, %b",
        "cell 3: left out 7 lines that are no Python: %m0, %m1, %m2, %m3, %m4, …",
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (notebook("x = 1", "files = !ls"), "cell 2, line 1: it is no Python"),
        (notebook("def f(:"), "cell 1, line 1: it is no Python"),
        (notebook("x = 1\0"), "cell 1 contains a NUL character"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{}", "no notebook"),
        (b"null", "no notebook"),
        (notebook("x").replace(b"[\n    \"x\"\n   ]", b"3"), "a cell whose source is no text"),
        (b'{"nbformat": 99, "nbformat_minor": 5, "metadata": {}, "cells": []}', "no notebook"),
        (notebook().replace(b'{},\n "nbformat"', b'{"kernelspec": {"language": "R"}},\n "nbformat"'), "not written in Python"),
        (notebook(*["1"] * 2001), "more than 2000 cells"),
        (notebook("x = " + "-" * 100_000 + "1\n!ls"), "nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused(data: bytes, expected: str) -> None:
    """In one line that says why."""
    assert expected in _refusal(data)


def test_nothing_is_written_while_reading(capfd: pytest.CaptureFixture[str]) -> None:
    """nbformat would log what a student wrote; a terminal is not for that."""
    to_source(notebook("x = 1").replace(b'"metadata": {},', b'"metadata": {}, "\x1b]0;evil": 1,'.replace(b"\x1b", b"\\u001b")))
    assert capfd.readouterr() == ("", "")


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    """Whatever they are."""
    assert _refusal(data)


@given(st.lists(st.sampled_from(["!x", "%y", "'''", '"', "(", ")", "x = 1", "\\", "# '", "if 1:", "    pass", ""]), max_size=12))
def test_what_is_accepted_is_python(lines: list[str]) -> None:
    """Leaving lines out never lets through what Python does not read."""
    try:
        source, _ = to_source(notebook("\n".join(lines)))
    except UnreadableNotebook:
        return
    ast.parse(source)
