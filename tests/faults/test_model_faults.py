"""Faults of layers, models and training steps: each applies, and each is caught by the default cases."""

from __future__ import annotations

import pytest

from conformance.faults import (
    autoencoders,
    classifiers,
    convolution,
    generative,
    layers,
    masking,
    optimizers,
    penalties,
    pretraining,
    recurrence,
    training,
    variational_variants,
)
from conformance.faults.fault import Change, Fault
from conformance.faults.rewriting import Inapplicable, implementation
from reference.specification import catalogue
from tests.faults.kills import Kill, first_kill

FILES = (
    autoencoders,
    classifiers,
    convolution,
    generative,
    layers,
    masking,
    optimizers,
    penalties,
    pretraining,
    recurrence,
    training,
    variational_variants,
)
ENTRIES = tuple(fault for file in FILES for fault in file.ENTRIES)
CAUGHT = [fault for fault in ENTRIES if fault.because is None]
EQUIVALENT = [fault for fault in ENTRIES if fault.because is not None]


def _first(fault: Fault) -> Kill | None:
    return next((kill for spec in fault.specs if (kill := first_kill((fault,), spec)) is not None), None)


@pytest.mark.parametrize("fault", ENTRIES, ids=lambda f: f.id)
def test_an_entry_applies(fault: Fault) -> None:
    """Its pieces of source are there exactly once, under every specification that it names, and all of those are models."""
    for spec in fault.specs:
        assert catalogue()[spec].kind == "model"
        assert hasattr(implementation((fault,), spec), spec)


@pytest.mark.parametrize("fault", CAUGHT, ids=lambda f: f.id)
def test_an_entry_is_caught(fault: Fault) -> None:
    """Some default case in float64 shows it."""
    assert _first(fault) is not None


@pytest.mark.parametrize("fault", EQUIVALENT, ids=lambda f: f.id)
def test_what_cannot_be_seen_is_not_seen(fault: Fault) -> None:
    """No default case shows an entry that is said to be equivalent: were one found, the proof would be wrong."""
    assert _first(fault) is None


def test_what_is_right_is_not_caught() -> None:
    """The unchanged reference passes: whatever is caught is caught for its change."""
    assert first_kill((), "StackedAutoencoder") is None


def test_a_piece_that_is_not_there_is_refused() -> None:
    """A change that has lost its place in the reference is an error, not a fault without effect."""
    lost = Fault("lost", ("StackedAutoencoder",), "", "", "", changes=(Change("layers.dense:dense", "x @ weights", "x"),))
    with pytest.raises(Inapplicable, match="expected 'x @ weights' once"):
        implementation((lost,), "StackedAutoencoder")


def test_there_are_many() -> None:
    """As many as the project says: at least 75 mistakes and 10 variants of layers, models and training steps."""
    assert sum(fault.kind == "fault" for fault in CAUGHT) >= 75
    assert sum(fault.kind == "variant" for fault in CAUGHT) >= 10
