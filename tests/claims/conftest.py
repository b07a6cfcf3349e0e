"""Little data and the frameworks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from conformance.claims.laboratory import FRAMEWORKS, Laboratory
from conformance.claims.pictures import Pictures, load_pictures


@pytest.fixture(scope="session")
def few() -> Pictures:
    """256 digits to learn from, 100 held out."""
    every = load_pictures(None)
    return replace(
        every,
        train=every.train[:256],
        train_labels=every.train_labels[:256],
        test=every.test[:100],
        test_labels=every.test_labels[:100],
    )


@cache
def _laboratory(framework: str) -> Laboratory:
    for package in FRAMEWORKS[framework]:
        pytest.importorskip(package, reason=f"not run: {package} is not installed")
    return Laboratory(framework)


@pytest.fixture
def torch() -> Laboratory:
    return _laboratory("torch")


@pytest.fixture(params=sorted(FRAMEWORKS))
def laboratory(request: pytest.FixtureRequest) -> Laboratory:
    """Each framework in turn."""
    return _laboratory(request.param)
