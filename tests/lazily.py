"""Frameworks that take seconds to import, imported when a test needs them: not by every process that collects tests."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

import pytest


class Lazily:
    """A module that is imported when something of it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # whoever collects tests asks every object of a module for such names
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)


def needs(package: str) -> pytest.MarkDecorator:
    """Tests that are skipped, with the reason, where it is not installed."""
    return pytest.mark.skipif(find_spec(package) is None, reason=f"not run: {package} is not installed")
