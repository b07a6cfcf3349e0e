"""Numbers and names as the table and the page write them."""

from __future__ import annotations

import math

from conformance.claims.claim import Claim
from conformance.claims.statistics import Estimate
from conformance.respondent.frameworks import facts, own_packages

NAMES = {framework.short: framework.title for framework in map(facts, own_packages().values())}
_SIGNIFICANT = 3


def number(value: float, like: float | None = None) -> str:
    """`value` with as many decimals as show three digits of `like`, which is the value itself if it is not given.

    >>> number(0.01234), number(-0.5, like=12.3), number(0.0), number(float("nan"))
    ('0.0123', '−0.5', '0', 'no number')
    """
    if not math.isfinite(value):
        return "no number"
    size = abs(value if like is None else like)
    if size == 0:
        return "0"
    decimals = min(6, max(0, _SIGNIFICANT - 1 - math.floor(math.log10(size))))
    # No sign before what is rounded to zero.
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def mean(claim: Claim, result: Estimate) -> str:
    """The mean effect in the reader's unit."""
    return number(claim.scale * result.mean, _largest(claim, result))


def interval(claim: Claim, result: Estimate) -> str:
    """The interval in the reader's unit."""
    low, high = (number(claim.scale * end, _largest(claim, result)) for end in (result.low, result.high))
    return f"[{low}, {high}]"


def standardized(result: Estimate) -> str:
    """Cohen's d; what is beyond 99 is written so, for then nobody needs the digits."""
    d = result.standardized
    if math.isnan(d):
        return "no number"
    if abs(d) >= 99:
        return "> 99" if d > 0 else "< −99"
    return f"{d:.1f}".replace("-", "−")


def _largest(claim: Claim, result: Estimate) -> float:
    return claim.scale * max((abs(x) for x in (result.mean, result.low, result.high) if math.isfinite(x)), default=0.0)
