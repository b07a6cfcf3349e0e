"""What a diagnosis names: an entry of the catalogue, one with another constant, one that is made only under a condition, or a template."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from conformance.faults.catalogue import entries
from conformance.faults.constants import with_constant
from conformance.faults.entry_file import UNSEEN
from conformance.faults.fault import Fault
from conformance.faults.templates import WHERE, hint_of, hint_of_condition, only_where, sentence_of


def entry_named(id: str) -> Fault | None:
    """Its words and what it changes; None if nothing has this id."""
    with contextlib.suppress(LookupError, ValueError):  # of a template that there is not, or with too little put in; of no number
        return _entry_named(id)
    return None


def _entry_named(id: str) -> Fault | None:
    if id in entries():
        return entries()[id]
    condition, where, mistake = id.rpartition(WHERE)
    if where:
        made = _entry_named(mistake) if mistake else Fault("", (), "", hint_of_condition("en"), UNSEEN)
        return None if made is None else replace(made, id=id, sentence=only_where(condition, made.sentence or None, "en"))
    sentence, hint = sentence_of(id, "en"), hint_of(id, "en")
    if sentence is not None and hint is not None:
        return Fault(id, (), sentence, hint, UNSEEN)
    name, _, constant = id.partition("@")
    entry = entries().get(name)
    return None if entry is None or entry.constant is None else with_constant(entry, float(constant))
