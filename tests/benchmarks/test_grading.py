"""Grading a class from a cold start: seconds, submissions a minute and memory. `pytest -n 0 -s tests/benchmarks/test_grading.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks import lecture_class

pytestmark = pytest.mark.slow

_SECONDS_BETWEEN_LOOKS = 0.1


def _memory(process: psutil.Process) -> int:
    """Of a process and all that it has started; what they share counts once."""
    total = 0
    for child in (process, *process.children(recursive=True)):
        try:
            total += child.memory_full_info().pss
        except psutil.Error:  # it has ended meanwhile
            continue
    return total


def _grade(folder: Path, out: Path) -> int:
    """Grade as a teacher would; the largest memory seen."""
    class_of, assignment = str(folder / "class"), str(folder / "four.toml")
    command = [sys.executable, "-m", "conformance", "grade", class_of, "--assignment", assignment, "--out", str(out)]
    process = subprocess.Popen(command)
    largest, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(_SECONDS_BETWEEN_LOOKS):
            try:
                largest.append(_memory(psutil.Process(process.pid)))
            except psutil.Error:
                return

    watching = threading.Thread(target=look)
    watching.start()
    assert process.wait() == 0
    ended.set()
    watching.join()
    return max(largest)


@pytest.mark.parametrize("count", [20, 100, 200])
def test_a_class(benchmark: BenchmarkFixture, tmp_path: Path, count: int) -> None:
    """Half of the submissions are right, and exactly those get all points."""
    if benchmark.disabled:
        pytest.skip("timed only by itself: pytest -n 0 tests/benchmarks")
    (tmp_path / "class").mkdir()
    (tmp_path / "four.toml").write_text(lecture_class.ASSIGNMENT, encoding="utf-8")
    right = lecture_class.write(tmp_path / "class", count)
    memory = benchmark.pedantic(_grade, (tmp_path, tmp_path / "out"), rounds=1)
    seconds = benchmark.stats.stats.mean
    benchmark.extra_info |= {"per minute": round(count / seconds * 60), "MiB": round(memory / 2**20)}
    print(f"\n{count} submissions: {seconds:.1f} s, {count / seconds * 60:.0f} a minute, {memory / 2**20:.0f} MiB at most")
    grades = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "out").glob("*/grade.json")]
    assert len(grades) == count
    assert sum(grade["status"] == "passed" for grade in grades) == right
    assert all(grade["score"] < grade["max_score"] for grade in grades if grade["status"] != "passed")
