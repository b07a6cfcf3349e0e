"""The catalogue of the reference, every specification of it whole. Whoever judges imports this; `reference` itself needs NumPy alone."""

from __future__ import annotations

import reference  # noqa: F401  (fills the catalogue)
from conformance.derivation.whole import whole
from reference.specification import catalogue, enter

for _spec in tuple(catalogue().values()):
    enter(whole(_spec))
