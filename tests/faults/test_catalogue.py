"""Every entry of the catalogue applies to the reference, and its words are fit to print. Whether it is caught, `tests/audit` asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from conformance.faults.catalogue import entries
from conformance.faults.changed.reference import Inapplicable, implementation
from conformance.faults.fault import Fault, Replacement
from conformance.respondent.symptoms import Symptom
from reference.specification import catalogue

WRONG = [fault for fault in entries().values() if fault.kind != "rewrite"]


def test_specifications_are_there() -> None:
    """Every name in an entry is one of the reference's."""
    unknown = {fault.id: lost for fault in entries().values() if (lost := set(fault.specs) - catalogue().keys())}
    assert not unknown


def test_symptoms_are_those_that_are_noticed() -> None:
    """A name that nobody sets would never be recognised."""
    unknown = {fault.id: fault.symptom for fault in entries().values() if fault.symptom and fault.symptom not in set(Symptom)}
    assert not unknown


@pytest.mark.slow
def test_an_entry_applies_to_every_specification_that_it_names() -> None:
    """The changed reference offers what the specification asks for, and differs from the reference by the entry alone."""
    wrong = {fault.id: problem for fault in entries().values() if (problem := _inapplicable(fault))}
    assert not wrong


def _inapplicable(fault: Fault) -> str:
    """Why an entry cannot be made; nothing if it can."""
    if not (fault.changes or fault.wrap):
        return "changes nothing"
    for spec in fault.specs:
        try:
            offered = getattr(implementation((fault,), spec), spec)
        except Exception as error:
            return f"{spec}: {type(error).__name__}: {error}"
        if not callable(offered):
            return f"{spec}: not callable"
    return ""


def test_the_words_are_fit_to_print() -> None:
    """The sentence ends with a full stop; the hint is there and does not hold the code that would be the answer."""
    unfit = {fault.id: problems for fault in WRONG if (problems := list(_unfit(fault)))}
    assert not unfit


def _unfit(fault: Fault) -> Iterator[str]:
    if not fault.sentence.endswith("."):
        yield "the sentence has no full stop"
    if not fault.hint.endswith((".", "?")):
        yield "the hint does not end as a sentence does"
    if not fault.seen:
        yield "nobody has seen it"
    if fault.id != fault.id.lower():
        yield "the id has capital letters"
    pieces = [piece for change in fault.changes for piece in (change.old, change.new) if len(piece) > 6 and not piece.isalpha()]
    yield from (f"the hint holds {piece!r}" for piece in pieces if piece in fault.hint)


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
    lost = Fault("lost", ("StackedAutoencoder",), "", "", "", changes=(Replacement("layers.dense:dense", "x @ weights", "x"),))
    with pytest.raises(Inapplicable, match="expected 'x @ weights' once"):
        implementation((lost,), "StackedAutoencoder")


def test_two_changes_of_one_piece_are_refused() -> None:
    """They cannot both be made."""
    entry = entries()["features_axis"]
    with pytest.raises(Inapplicable, match="two of them exchange the same piece"):
        implementation((entry, entry), entry.specs[0])
