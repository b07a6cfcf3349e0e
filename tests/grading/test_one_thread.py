"""A grade does not depend on the number of cores: sums are made in one thread, wherever a command grades."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from conformance.grading.scoring import one_submission
from tests.grading.small_class import OPEN, WITH, conformance, write_small_class


def test_sums_are_made_in_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `grade`, `replay` and `check`; afterwards everything is as it was."""
    write_small_class(tmp_path)
    monkeypatch.chdir(tmp_path)
    threads: list[set[int]] = []
    checks = one_submission.checks

    def watched(*given: Any, **options: Any) -> Any:
        threads.append({library["num_threads"] for library in threadpool_info()})
        return checks(*given, **options)

    monkeypatch.setattr(one_submission, "checks", watched)
    with threadpool_limits(2):
        before = threadpool_info()
        for words in (
            ("grade", "class", *WITH, "--out", "out", "--jobs", "2"),
            ("replay", "out/ann"),
            ("check", "class/ann.py", *WITH),
        ):
            assert conformance(*words, *OPEN).exit_code == 0, words
            assert threads, words
            assert all(numbers == {1} for numbers in threads), words
            threads.clear()
        assert threadpool_info() == before
