"""From one effect a seed to an interval, a standardised effect and a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Side = Literal["above", "below"]
Ruling = Literal["holds", "does not hold here", "undecided"]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """The effects of several seeds, summed up. `low` and `high` bound the mean with 95 % confidence.

    `standardized` is (mean − threshold) / standard deviation, positive on the claimed side: Cohen's d of paired differences.
    """

    effects: tuple[float, ...]
    mean: float
    low: float
    high: float
    standardized: float


def estimate(effects: Sequence[float], threshold: float, side: Side) -> Estimate:
    """Mean, Student's interval and Cohen's d of at least two effects.

    mean ± t(0.975; n − 1) · s / √n, where s is the standard deviation with n − 1 degrees of freedom.

    Raises:
        ValueError: fewer than two effects, which have no spread.

    Source: Student, The probable error of a mean, Biometrika 1908; J. Cohen, Statistical Power Analysis, 2nd edition 1988, §2.3.5.
    """
    if len(effects) < 2:
        raise ValueError(f"effects: expected at least two, one a seed, got {len(effects)}")
    from scipy.stats import t  # here, so that the command line starts without SciPy

    values = np.array(effects, dtype=np.float64)
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    reach = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * deviation / math.sqrt(len(values))
    beyond = (mean - threshold) * (1 if side == "above" else -1)
    standardized = beyond / deviation if deviation else math.copysign(math.inf, beyond) if beyond else 0.0
    return Estimate(tuple(map(float, effects)), mean, mean - reach, mean + reach, standardized)


def rule(result: Estimate, threshold: float, side: Side) -> Ruling:
    """In one framework: the claim holds if the whole interval lies on the claimed side of the threshold, it does not hold if the whole
    interval lies on the other side, and it is undecided if the threshold lies within, or if an effect is not a finite number."""
    if not all(map(math.isfinite, result.effects)) or result.low <= threshold <= result.high:
        return "undecided"
    return "holds" if (result.low > threshold) == (side == "above") else "does not hold here"


def combine(rulings: Iterable[Ruling]) -> Ruling:
    """Over the frameworks: it must hold in all; it does not hold if it does not in one.

    Raises:
        ValueError: there is no ruling to combine.
    """
    distinct = set(rulings)
    if not distinct:
        raise ValueError("rulings: expected at least one, got none")
    if "does not hold here" in distinct:
        return "does not hold here"
    return "holds" if distinct == {"holds"} else "undecided"
