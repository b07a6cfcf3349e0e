"""The pytest plugin: the fixture `conforms`. Nothing else of the project is imported before a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def conforms() -> Callable[..., Any]:
    """`conformance.conforms`; what cannot be judged here (no such device, framework not installed) skips the test with its reason."""
    from conformance import conforms as demand
    from conformance.errors import NotRun

    def demanded(name: str, implementation: Callable[..., Any], **options: Any) -> Any:
        __tracebackhide__ = True
        try:
            return demand(name, implementation, **options)
        except NotRun as reason:
            pytest.skip(str(reason))

    return demanded
