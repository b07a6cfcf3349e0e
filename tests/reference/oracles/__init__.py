"""The formulas of the contract a second time, written literally in mpmath, and the points at which they are compared: one file a formula.

A file has `draw` (random numbers, a shape, whether at edges -> inputs), `value` and `gradient`, both of exact inputs and with exact results.
Nothing in it is rearranged for accuracy. Where the literal form cancels, or a difference quotient does, more digits are carried instead, so
that 50 remain. Points do not depend on the domains in the specifications: a domain that leaves out a danger is seen here.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

ORACLES: dict[str, ModuleType] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
}
