"""What is derived beside what was made by hand, over the formulas of the reference."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from conformance.tolerance import HAND_MADE_OVER_MEASURED
from tests.derivation.tables import FORMULAS, Row, row

pytestmark = pytest.mark.slow
_row = cache(row)
_EXAMPLES = 16  # every profile once


def _of(name: str) -> Row:
    return _row(name, _EXAMPLES)


@pytest.mark.parametrize("name", FORMULAS)
def test_gradients_are_those_made_by_hand(name: str) -> None:
    """Reverse mode over the function as written gives the hand-written gradient, within the float64 budget of that."""
    assert _of(name).budget_used <= 1.0


@pytest.mark.parametrize("name", FORMULAS)
def test_scales_are_about_those_made_by_hand(name: str) -> None:
    """Random arithmetic finds the size of the error scales that were derived by hand, of values and of gradients."""
    low, high = HAND_MADE_OVER_MEASURED
    assert low <= np.median(_of(name).value_ratios) <= high
    assert low <= np.median(_of(name).gradient_ratios) <= high


@pytest.mark.parametrize("name", FORMULAS)
def test_hardly_anything_is_masked_that_is_compared_by_hand(name: str) -> None:
    """What has no single gradient by derivation is what has none by hand, but for one element in five hundred."""
    assert _of(name).masked_by_derivation_alone <= _of(name).elements / 500
