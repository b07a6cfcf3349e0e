"""The pool imports every framework there is, so the inner loop, which leaves out what is slow, need not even collect it. No logic."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.getoption("markexpr") == "not slow" else None
