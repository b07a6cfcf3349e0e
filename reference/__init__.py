"""What is right: formulas and models of autoencoders and character models, in NumPy and float64.

What a file of a room specifies is public here, so that a new formula or model is one file and nothing else. Its specification (equation,
source, domains, gradient, laws, known answers) is in `reference.specification.catalogue()`.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from reference.specification import catalogue

for _module in pkgutil.walk_packages(__path__, f"{__name__}."):
    importlib.import_module(_module.name)

__all__ = sorted(catalogue())  # pyright: ignore[reportUnsupportedDunderAll]
globals().update({_name: _spec.evaluate for _name, _spec in catalogue().items()})

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
