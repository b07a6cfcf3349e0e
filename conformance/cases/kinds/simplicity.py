"""What is simple: short axes, and numbers that are short to write."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reference.specification import Array


def parts(length: int) -> Iterator[slice]:
    """Halves, then all but the last, of an axis."""
    if length > 1:
        half = length // 2
        yield slice(0, half)
        yield slice(half, None)
        if half > 1:
            yield slice(0, length - 1)


def written_length(array: Array) -> int:
    return sum(len(np.format_float_scientific(x, trim="-")) for x in array.astype(np.float32).ravel())
