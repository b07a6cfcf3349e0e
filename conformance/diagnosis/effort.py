"""How much work a search has done: counted, not timed.

What a diagnosis finds, and with it a share of the points, must not depend on how fast a machine is or what else it does, and a replayed
grade must be the same again. How long the work takes is measured by `conformance audit --diagnosis`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# A step along a sequence costs this share of a pass through the rest of a model.
_STEP = 0.1
# Making a changed reference costs so much the first time.
TO_MAKE = 1.5


@dataclass
class Effort:
    """Predictions made so far. The unit is one answer of a formula, or one pass through a model without sequences."""

    spent: float = 0.0

    def spend(self, predictions: float = 1.0) -> None:
        self.spent += predictions

    def over(self, most: float) -> bool:
        """Whether so much was spent."""
        return self.spent >= most


def passes(batch: Mapping[str, Any], steps: int) -> float:
    """What so many passes through a model cost on such a batch."""
    lengths = [ids.shape[1] for ids in batch.values() if ids.dtype.kind in "iu" and np.ndim(ids) == 2]
    return steps * (1 + _STEP * max(lengths, default=0))
