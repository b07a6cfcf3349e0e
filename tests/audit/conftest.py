"""How fast this machine is decides nothing here: `conformance audit --diagnosis` measures the time."""

from __future__ import annotations

import pytest

from conformance.faults.watch import Watch


@pytest.fixture(autouse=True)
def _no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "over", lambda watch, seconds: False)
