"""The error budget from both sides: every correct way to write a formula stays below one, every wrong one exceeds it somewhere.

`pytest -n 0 -s tests/audit` prints the margins: the widest use by a correct version, and the narrowest by a wrong one, each at its
own worst point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from conformance.tolerance import LARGEST, may_overflow, round_to
from reference.specification import Domain, Reals, catalogue
from tests.audit.alternatives import CORRECT
from tests.audit.mistakes import WRONG
from tests.reference.agreement import Worst, allowed_value, budget_use, terms_summed, worst_over
from tests.reference.points import FORMULAS, POINTS, points

DTYPES = ("float32", "float64")


@cache
def audited_points(name: str, dtype: str) -> tuple[tuple[dict[str, Any], np.ndarray, np.ndarray, np.ndarray], ...]:
    """Inputs in the domain and in the dtype, the reference's answer, what is allowed, and where it overflows in the dtype."""
    spec, cases = catalogue()[name], []
    for drawn in points(name):
        # The width of the clip is fixed by the contract: an implementation has the default one.
        inputs = {k: _inside(spec.inputs[k], v, dtype) for k, v in drawn.items() if k != "epsilon"}
        expected, allowed = np.asarray(spec.evaluate(**inputs)), allowed_value(spec, inputs, dtype)
        with np.errstate(over="ignore"):
            on_the_way = may_overflow(spec.error_scale(**inputs), dtype, terms_summed(name, inputs))
            cases.append((inputs, expected, allowed, on_the_way | (np.abs(expected) + allowed > LARGEST[dtype])))
    return tuple(cases)


def _inside(domain: Domain, value: Any, dtype: str) -> Any:
    return round_to(np.clip(value, domain.low, domain.high), dtype) if isinstance(domain, Reals) else value


@cache
def largest_use(name: str, dtype: str, alternative: Callable[..., Any]) -> Worst:
    """The largest budget use of an alternative over all points."""

    def use_at(_, case):
        inputs, expected, allowed, overflows = case
        arguments = (v.astype(dtype) if isinstance(v, np.ndarray) else v for v in inputs.values())
        with np.errstate(all="ignore"):
            actual = np.asarray(alternative(*arguments))
        if actual.shape != expected.shape:
            return np.inf
        as_infinite = overflows & np.isinf(actual) & (np.sign(actual) == np.sign(expected))
        return budget_use(np.where(as_infinite, 0.0, np.abs(actual.astype(np.float64) - expected)), allowed)

    return worst_over(audited_points(name, dtype), use_at)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "version"), [(name, version) for name, versions in CORRECT.items() for version in versions])
def test_correct_version_stays_below_one_budget(name, version, dtype):
    """A correct version, however it is written, uses at most one budget at every point."""
    worst = largest_use(name, dtype, CORRECT[name][version])
    assert worst.use <= 1, str(worst)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "version"), [(name, version) for name, versions in WRONG.items() for version in versions])
def test_wrong_version_exceeds_the_budget(name, version, dtype):
    """A wrong version uses more than one budget at some point."""
    assert largest_use(name, dtype, WRONG[name][version]).use > 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_sides_are_far_apart(name, dtype, record_property):
    """There are enough versions on both sides, and room between them."""

    def uses(table: Mapping[str, Callable[..., Any]]) -> dict[str, float]:
        return {version: largest_use(name, dtype, f).use for version, f in table.items()}

    correct, wrong = uses(CORRECT[name]), uses(WRONG[name])
    assert len(correct) >= 3
    assert len(wrong) >= 8
    widest, narrowest = max(correct, key=correct.__getitem__), min(wrong, key=wrong.__getitem__)
    record_property("widest correct", correct[widest])
    record_property("narrowest wrong", wrong[narrowest])
    print(
        f"\n{name:22} {dtype}: {len(correct)} correct use at most {correct[widest]:.2g} ({widest}); "
        f"{len(wrong)} wrong at least {wrong[narrowest]:.3g} ({narrowest}); {POINTS} points"
    )
    assert wrong[narrowest] > 2 * correct[widest]
