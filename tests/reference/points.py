"""Points at which formulas are compared: half of them ordinary, half at their edges.

Deterministic, and independent of the domains in the specifications: a domain that leaves out a danger is seen here. Extents differ
unless one of them is 1.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.reference.oracles import ORACLES

POINTS = 520
EXTENTS = ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (4, 3), (2, 1), (1, 2))

FORMULAS = tuple(ORACLES)


def points(name: str, count: int = POINTS) -> Iterator[dict[str, Any]]:
    """`count` sets of inputs of the formula, the odd ones at the edges."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for number in range(count):
        yield ORACLES[name].draw(rng, EXTENTS[rng.integers(len(EXTENTS))], bool(number % 2))


def cotangent_for(value: Any, number: int) -> np.ndarray:
    """A cotangent of the shape of the value, of mixed signs and sizes."""
    return np.random.default_rng(number).uniform(-2.0, 2.0, np.shape(value))
