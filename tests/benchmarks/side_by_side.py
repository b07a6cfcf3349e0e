"""Two programs timed by turns, so that whatever else the machine does hits both, and the table of their ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.tolerance import ROUNDINGS_PER_LAYER, allowed_error

# Samples, samples a step, steps of a sequence, its alphabet, words, classes. A run is EPOCHS epochs: 64 steps.
SAMPLES, ROWS, STEPS, VOCABULARY, WORDS, CLASSES, EPOCHS = 2048, 64, 20, 16, 100, 10, 2
WARM_UPS, ROUNDS = 2, 11

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
    """Seconds of one run, the median of all rounds, and the median of the rounds' ratios plain / own: above 1, own is faster.

    `of_work` is the same ratio in seconds of the processor, which what else the machine does hardly changes.
    """

    name: str
    plain: float
    own: float
    ratio: float
    of_work: float

    def __str__(self) -> str:
        plain, own = self.steps
        return f"{self.name:<44} {plain:7.3f} {own:7.3f} {self.ratio:6.3f} {self.of_work:6.3f}"

    @property
    def steps(self) -> tuple[float, float]:
        """Milliseconds of one step, plain and own."""
        count = EPOCHS * SAMPLES / ROWS
        return 1e3 * self.plain / count, 1e3 * self.own / count


TITLE = f"{'milliseconds a step':<44} {'plain':>7} {'own':>7} {'ratio':>6} {'work':>6}"


def by_turns(name: str, plain: Callable[[], object], own: Callable[[], object]) -> Row:
    """Time plain, own, plain, own, …, after rounds that warm both up."""
    of_plain, of_own = _Times(plain), _Times(own)
    for _ in range(WARM_UPS + ROUNDS):
        of_plain()
        of_own()
    (plain_wall, plain_work), (own_wall, own_work) = of_plain.last(), of_own.last()
    return Row(
        name, statistics.median(plain_wall), statistics.median(own_wall), _ratio(plain_wall, own_wall), _ratio(plain_work, own_work)
    )


class _Times:
    """A program, and how long it took each time: by the clock, and in seconds of the processor."""

    def __init__(self, program: Callable[[], object]) -> None:
        self.program, self.seconds = program, list[tuple[float, float]]()

    def __call__(self) -> None:
        wall, work = time.perf_counter(), time.process_time()
        self.program()
        self.seconds.append((time.perf_counter() - wall, time.process_time() - work))

    def last(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Without the rounds that warm up."""
        wall, work = zip(*self.seconds[-ROUNDS:], strict=True)
        return wall, work


def _ratio(plain: Sequence[float], own: Sequence[float]) -> float:
    return statistics.median(p / o for p, o in zip(plain, own, strict=True))


def assert_same_loss(plain: Any, own: Any) -> None:
    """One batch, the same weights: the same network and loss to a few roundings, or the comparison would mean nothing."""
    expected, actual = float(plain), float(own)
    assert abs(actual - expected) <= allowed_error(abs(expected), "float32", 6 * ROUNDINGS_PER_LAYER, ROWS * 784)
