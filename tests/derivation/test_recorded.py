"""Functions that the library does not differentiate, written by others that it does: value and slope are those of the function itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from conformance.derivation.exchanged import exchanged
from conformance.derivation.measured import Written
from conformance.tolerance import DIFFERENCE_STEP, slopes_agree
from reference.domains import Reals

X = Reals(("rows", "columns"), 0.1, 5.0, typical=(0.2, 2.0))
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "average": lambda x: np.average(x, axis=0),
    "weighted": lambda x: np.average(x, axis=1, weights=np.arange(1.0, 5.0)),
    "clip": lambda x: np.clip(x, 0.5, 1.5),
    "diag": lambda x: np.diag(x @ x.T),
    "diagonal": lambda x: np.diagonal(x, 1) + np.diagonal(x[:, 1:]),
    "dot": lambda x: x.dot(x.T),
    "heaviside": lambda x: np.heaviside(x - 1.0, 0.5) * x,
    "median": lambda x: np.median(x, axis=1) + np.median(x),
    "ptp": lambda x: np.ptp(x, axis=0),
    "sort": lambda x: np.sort(x, axis=0) * np.arange(3.0)[:, None] + np.sort(x),
    "vecdot": lambda x: np.vecdot(x, x),
    "entr": lambda x: special.entr(x),
    "log_softmax": lambda x: special.log_softmax(x, axis=1),
    "softmax": lambda x: special.softmax(x, axis=1),
    "ndtr": lambda x: special.ndtr(x),
    "rel_entr": lambda x: special.rel_entr(x, 1.0),
    "xlogy": lambda x: special.xlogy(x, 2.0 * x),
    "a distribution": lambda x: stats.norm.cdf(x) + stats.norm.pdf(x),
    "expit": lambda x: special.expit(x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_and_slope(name: str) -> None:
    """Of plain arrays the same numbers; along a random direction the difference of values."""
    function, rng = FUNCTIONS[name], np.random.default_rng(0)
    x, direction = rng.uniform(0.2, 2.0, (3, 4)), rng.uniform(-1.0, 1.0, (3, 4))
    value, written = function(x), Written(function, {"x": X}, ("x",))
    assert np.max(np.abs(exchanged(function)(x) - value)) <= 2.0**-48
    weights = rng.uniform(1.0, 2.0, np.shape(value))
    ends = [float(np.sum(weights * function(x + step * direction))) for step in (DIFFERENCE_STEP, -DIFFERENCE_STEP)]
    terms = np.ravel(written.vjp(weights, x=x)["x"] * direction)
    assert slopes_agree((ends[0] - ends[1]) / (2 * DIFFERENCE_STEP), terms, float(np.sum(weights * np.abs(value))))
    assert written.comparable(x=x)["x"].all()
    assert np.isfinite(written.gradient_scale(weights, x=x)["x"]).all()
