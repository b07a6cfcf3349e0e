"""Interval, effect size and verdict against known values and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from conformance.claims.statistics import Estimate, combine, estimate, rule

# Quantiles t(0.975; degrees of freedom). Source: Abramowitz & Stegun 1964, table 26.10.
QUANTILES = {1: "12.706", 2: "4.303", 4: "2.776", 9: "2.262", 30: "2.042"}


@pytest.mark.parametrize("degrees", QUANTILES)
def test_the_interval_has_the_published_quantile(degrees: int) -> None:
    """Half the interval's length is t · s / √n."""
    effects = [float(i) for i in range(degrees + 1)]
    effect = estimate(effects, 0.0, "above")
    t = (effect.high - effect.low) / 2 / (float(np.std(effects, ddof=1)) / math.sqrt(len(effects)))
    assert f"{t:.3f}" == QUANTILES[degrees]


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=20).filter(lambda v: len(set(v)) > 1), st.integers(-50, 50))
def test_the_verdict_is_that_of_the_t_test(values: list[int], threshold: int) -> None:
    """The threshold lies outside the interval exactly where SciPy's two-sided t-test has p < 0.05; the mean says on which side."""
    p = stats.ttest_1samp(values, threshold).pvalue
    for side in ("above", "below"):
        ruling = rule(estimate(values, threshold, side), threshold, side)
        assert (ruling == "undecided") == (p >= 0.05)
        if p < 0.05:
            assert (ruling == "holds") == ((np.mean(values) > threshold) == (side == "above"))


def test_cohens_d() -> None:
    """(mean − threshold) / s, positive on the claimed side: for 1, 2, 3 the standard deviation is 1."""
    assert estimate([1.0, 2.0, 3.0], 0.0, "above").standardized == 2.0
    assert estimate([1.0, 2.0, 3.0], 5.0, "above").standardized == -3.0
    assert estimate([1.0, 2.0, 3.0], 5.0, "below").standardized == 3.0


def test_no_spread() -> None:
    """Equal effects make an interval of no length and an infinite d; at the threshold itself nothing is decided."""
    effect = estimate([0.5, 0.5, 0.5], 0.0, "above")
    assert (effect.low, effect.high, effect.standardized) == (0.5, 0.5, math.inf)
    assert rule(effect, 0.0, "above") == "holds"
    assert rule(estimate([0.5, 0.5], 0.5, "above"), 0.5, "above") == "undecided"
    assert estimate([0.5, 0.5], 0.5, "above").standardized == 0.0
    assert estimate([0.5, 0.5], 0.6, "above").standardized == -math.inf


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_is_no_number_decides_nothing(wrong: float) -> None:
    """Training that ran away neither proves nor refutes a claim."""
    assert rule(estimate([1.0, wrong, 1.0], 0.0, "above"), 0.0, "above") == "undecided"


@pytest.mark.parametrize("effects", [[], [1.0]])
def test_too_few_effects(effects: list[float]) -> None:
    """One seed has no spread."""
    with pytest.raises(ValueError, match=rf"^effects: expected at least two, one a seed, got {len(effects)}$"):
        estimate(effects, 0.0, "above")


def test_both_frameworks() -> None:
    """It holds if it holds in all, and does not hold if it does not in one."""
    assert combine(["holds", "holds"]) == "holds"
    assert combine(["holds", "undecided"]) == "undecided"
    assert combine(["undecided", "undecided"]) == "undecided"
    assert combine(["holds", "does not hold here"]) == "does not hold here"
    assert combine(["undecided", "does not hold here"]) == "does not hold here"
    assert combine(["holds"]) == "holds"
    with pytest.raises(ValueError, match="expected at least one"):
        combine([])


def test_both_sides_of_a_threshold() -> None:
    """An interval beyond the threshold holds for one side and not for the other; one around it is undecided for both."""
    beyond, around = Estimate((0.2, 0.3), 0.25, 0.15, 0.35, 3.5), Estimate((0.0, 0.3), 0.15, -0.1, 0.4, 0.7)
    assert (rule(beyond, 0.1, "above"), rule(beyond, 0.1, "below")) == ("holds", "does not hold here")
    assert (rule(beyond, 0.5, "above"), rule(beyond, 0.5, "below")) == ("does not hold here", "holds")
    assert (rule(around, 0.1, "above"), rule(around, 0.1, "below")) == ("undecided", "undecided")
