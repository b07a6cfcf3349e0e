"""`pytest --slowest FILE`: what is measured, what is added up, and that a page keeps its other chapters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.signatures import ROOT
from tests.slowest import Cost, chapter, with_chapter

TESTS = """
import subprocess, sys, time
import pytest

def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass

@pytest.fixture
def costly():
    burn(0.5)

@pytest.mark.parametrize("case", [1, 2, 3])
def test_cases(case, costly):
    pass

def test_child():
    subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.5: pass"], check=True)

def test_that_waits():
    time.sleep(0.5)

@pytest.mark.slow
def test_marked():
    burn(1.2)
"""


@pytest.mark.slow
def test_seconds_of_the_processor_are_counted(tmp_path: Path) -> None:
    """Of fixtures and of children too, all cases together, whatever worker they ran in; who waits costs nothing."""
    (tmp_path / "test_these.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.slowest", "-n", "2", "--slowest", "page.md", f"--rootdir={tmp_path}"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.strip("| ").split(" | ") for line in (tmp_path / "page.md").read_text(encoding="utf-8").splitlines()]
    seconds = {row[0].strip("`").partition("::")[2]: (row[1], float(row[2])) for row in rows if row[0].startswith("`test_these")}
    assert list(seconds)[-1] == "test_that_waits"
    assert seconds["test_cases"][0] == "3"
    assert seconds["test_cases"][1] > 1.4
    assert seconds["test_child"][1] > 0.4
    assert "not marked slow" in done.stdout
    assert "s test_these.py::test_cases" in done.stdout
    assert "test_marked" not in done.stdout


def test_a_page_keeps_its_other_chapters() -> None:
    """Before and behind; written twice is written once."""
    written = chapter({"tests/a/test_b.py::test_c": Cost(2.0, {"1"}, True), "reference/d.py::d": Cost(1.0, {"2"})}, 3.0)
    assert "| tests/a | 2 |" in written
    assert "| doctests | 1 |" in written
    page = with_chapter("# First\n\nText.\n", written)
    page = with_chapter(page, "# Last\n\n## Part\n\nMore.\n")
    assert with_chapter(page, written) == page == f"# First\n\nText.\n\n{written}\n# Last\n\n## Part\n\nMore.\n"
    assert with_chapter(page, "# First\n\nOther.\n").startswith("# First\n\nOther.\n\n# The slowest tests")
    assert with_chapter("", written) == written
