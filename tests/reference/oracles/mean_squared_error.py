"""(x − r)², reduced."""

from __future__ import annotations

from mpmath import mpf

from tests.reference.drawing import FEATURES, arrays
from tests.reference.mp_arrays import elements, over_elements, share_over_elements

draw = arrays(True, inputs=FEATURES, reconstructions=FEATURES)


def _squared_error(inputs: mpf, reconstructions: mpf) -> mpf:
    return (inputs - reconstructions) ** 2


value, gradient = elements(_squared_error, ("inputs", "reconstructions"), over_elements, share_over_elements)
