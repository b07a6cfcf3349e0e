"""The whole pool: every family that can be imported here."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil

import tests.right_forms as families
from tests.right_forms.form import POOL, Form

FRAMEWORK_OF = {"torch": "torch", "keras": "keras", "scipy": "scipy", "text": "torch"}


def pool() -> list[Form]:
    """All forms, family by family; a family whose library is not installed is not there."""
    for module in pkgutil.iter_modules(families.__path__):
        library = FRAMEWORK_OF.get(module.name.partition("_")[0])
        if library is not None and importlib.util.find_spec(library) is not None:
            importlib.import_module(f"{families.__name__}.{module.name}")
    return POOL
