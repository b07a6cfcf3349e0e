"""Every entry of the catalogue applies to the reference, and its words are fit to print. Whether it is caught, `tests/audit` asks."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.faults.catalogue import entries
from conformance.faults.changed.reference import Inapplicable, implementation
from conformance.faults.fault import Change, Fault

WRONG = [fault for fault in entries().values() if fault.kind != "rewrite"]


@pytest.mark.parametrize("fault", entries().values(), ids=lambda fault: fault.id)
def test_an_entry_applies_to_every_specification_that_it_names(fault: Fault) -> None:
    """The changed reference offers what the specification asks for, and differs from the reference by the entry alone."""
    assert fault.changes or fault.wrap
    for spec in fault.specs:
        assert callable(getattr(implementation((fault,), spec), spec))


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault.id)
def test_the_words_are_fit_to_print(fault: Fault) -> None:
    """The sentence ends with a full stop; the hint is there and does not hold the code that would be the answer."""
    assert fault.sentence.endswith(".")
    assert fault.hint.endswith((".", "?"))
    assert fault.seen
    assert fault.id == fault.id.lower()
    pieces = [piece for change in fault.changes for piece in (change.old, change.new) if len(piece) > 6 and not piece.isalpha()]
    assert not [piece for piece in pieces if piece in fault.hint]


def test_the_catalogue_is_large_enough() -> None:
    """As many entries of every kind as the project promises, and the ids that are promised by name."""
    count = Counter(fault.kind for fault in entries().values())
    assert count["fault"] >= 500
    assert count["variant"] >= 50
    assert count["rewrite"] >= 80
    assert {"features_axis", "half_missing", "padding_side"} <= entries().keys()


def test_twins_are_entries() -> None:
    """What stands for another entry names one that exists, of a specification that both touch."""
    for fault in entries().values():
        if fault.same_as is not None:
            assert set(entries()[fault.same_as].specs) & set(fault.specs)


def test_a_piece_that_is_not_there_is_refused() -> None:
    """A change that has lost its place in the reference is an error, not a fault without effect."""
    lost = Fault("lost", ("StackedAutoencoder",), "", "", "", changes=(Change("layers.dense:dense", "x @ weights", "x"),))
    with pytest.raises(Inapplicable, match="expected 'x @ weights' once"):
        implementation((lost,), "StackedAutoencoder")


def test_two_changes_of_one_piece_are_refused() -> None:
    """They cannot both be made."""
    found = entries()["features_axis"]
    with pytest.raises(Inapplicable, match="two of them exchange the same piece"):
        implementation((found, found), found.specs[0])
