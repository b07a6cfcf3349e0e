"""A mistake made in a literal form of a formula: most who make one write the formula as its source prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.faults.catalogue import entries
from conformance.faults.fault import Fault, Replacement
from reference.specification import catalogue


def forms_of(spec: str) -> tuple[Fault, ...]:
    """The accepted forms of a specification that the catalogue can write."""
    known = entries()
    return tuple(known[form.name] for form in catalogue()[spec].accepted if form.name in known)


def in_form(fault: Fault, form: Fault) -> Fault | None:
    """The mistake in that form: what it writes is written as the form writes it. None if it has no place there.

    A form exchanges pieces of the formula. Where a mistake exchanges a longer piece, the form's pieces in what it writes are exchanged too.
    """
    if fault.wrap is not None or fault.noise is not None or not fault.changes or fault.id == form.id:
        return None
    changes = [replace(change, new=_written(change, form.changes)) for change in fault.changes]
    rest = [piece for piece in form.changes if not any(_holds(change, piece) for change in fault.changes)]
    if not rest and changes == list(fault.changes):
        return None
    return replace(fault, id=f"{fault.id} in {form.id}", changes=(*changes, *rest))


def _holds(change: Replacement, piece: Replacement) -> bool:
    return change.place == piece.place and piece.old in change.old


def _written(change: Replacement, pieces: Sequence[Replacement]) -> str:
    new = change.new
    for piece in pieces:
        new = new.replace(piece.old, piece.new) if piece.place == change.place else new
    return new
