"""Two programs timed by turns, so that whatever else the machine does hits both, and the table of their ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.tolerance import ROUNDINGS_PER_LAYER, allowed_error

# Samples, samples a step, steps of a sequence, its alphabet, words, classes. A run is EPOCHS epochs: 64 steps.
SAMPLES, ROWS, STEPS, VOCABULARY, WORDS, CLASSES, EPOCHS = 2048, 64, 20, 16, 100, 10, 2
ROUNDS = 11

_rng = np.random.default_rng(0)
IMAGES = _rng.random((SAMPLES, 784), dtype=np.float32)
NOISE = _rng.standard_normal((SAMPLES, 784), dtype=np.float32)
LATENT_NOISE = _rng.standard_normal((SAMPLES, 10), dtype=np.float32)
DIGITS = _rng.integers(0, CLASSES, size=(SAMPLES, 1))
CHARACTERS = _rng.integers(0, VOCABULARY, size=(SAMPLES, STEPS))
WORD = _rng.integers(0, WORDS, size=(SAMPLES, 1))
LABELS = _rng.integers(0, 2, size=(SAMPLES, 1)).astype(np.float32)


@dataclass(frozen=True)
class Row:
    """Seconds of one run, the median of all rounds, and the median of the rounds' ratios plain / own: above 1, own is faster."""

    name: str
    plain: float
    own: float
    ratio: float

    def __str__(self) -> str:
        steps = EPOCHS * SAMPLES / ROWS
        return f"{self.name:<44} {1e3 * self.plain / steps:7.3f} {1e3 * self.own / steps:7.3f} {self.ratio:6.3f}"


TITLE = f"{'milliseconds a step':<44} {'plain':>7} {'own':>7} {'ratio':>6}"


def by_turns(benchmark: Any, name: str, plain: Callable[[], object], own: Callable[[], object]) -> Row:
    """Time plain, own, plain, own, …; pytest-benchmark reports own, with the ratio beside it."""
    of_plain: list[float] = []

    def timed_plain() -> None:
        start = time.perf_counter()
        plain()
        of_plain.append(time.perf_counter() - start)

    benchmark.pedantic(own, setup=timed_plain, rounds=ROUNDS, warmup_rounds=2)
    of_own = benchmark.stats.stats.data
    ratios = [p / o for p, o in zip(of_plain[-ROUNDS:], of_own, strict=True)]
    row = Row(name, statistics.median(of_plain[-ROUNDS:]), statistics.median(of_own), statistics.median(ratios))
    benchmark.extra_info |= {"plain / own": row.ratio, "plain, seconds": row.plain}
    return row


def assert_same_loss(plain: Any, own: Any) -> None:
    """One batch, the same weights: the same network and loss to a few roundings, or the comparison would mean nothing."""
    expected, actual = float(plain), float(own)
    assert abs(actual - expected) <= allowed_error(abs(expected), "float32", 6 * ROUNDINGS_PER_LAYER, ROWS * 784)
