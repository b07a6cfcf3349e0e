"""What a diagnosis finds does not depend on how fast the machine is."""

from __future__ import annotations

import time

import numpy as np
import pytest

from conformance.diagnosis import model_search
from conformance.diagnosis.effort import Effort, passes
from conformance.faults.catalogue import entries
from tests.faults.examinations import examination


def test_effort_is_counted() -> None:
    """Over as soon as so much was spent."""
    effort = Effort()
    assert not effort.over(1)
    effort.spend()
    assert effort.over(1)
    assert not effort.over(1.5)


def test_a_longer_sequence_costs_more() -> None:
    """In proportion; and as many passes as there are steps."""
    image, word = np.zeros((3, 4)), np.zeros((2, 20), dtype=np.int64)
    assert passes({"inputs": image}, 2) == 2
    assert passes({"ids": word, "labels": np.zeros(2, dtype=np.int64)}, 2) == 2 * (1 + 20 * 0.1)


@pytest.mark.slow
def test_a_slow_machine_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reading of any clock an hour later than the last: the same diagnosis, word for word."""
    asked = examination("VariationalAutoencoder", "float64")
    diagnosis = asked.diagnosed((entries()["variance_as_std"],))
    hours = iter(range(0, 10**9, 3600))
    for clock in ("perf_counter", "monotonic", "thread_time", "time"):
        monkeypatch.setattr(time, clock, lambda: float(next(hours)))
    again = asked.diagnosed((entries()["variance_as_std"],))
    assert diagnosis is not None
    assert again is not None
    assert diagnosis[:2] == again[:2]


@pytest.mark.slow
def test_what_is_not_tried_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an effort for few mistakes only."""
    monkeypatch.setattr(model_search, "EFFORT_FOR_SINGLES", 5)
    monkeypatch.setattr(model_search, "EFFORT_FOR_PAIRS", 6)
    diagnosis = examination("VariationalAutoencoder", "float64").diagnosed((entries()["variance_as_std"],))
    assert diagnosis is not None
    assert "were not tried: that would take too long" in diagnosis[1].sentence
