"""Where no entry of the catalogue explains the answers: one change of the formula, or of its literal form, that does."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.diagnosis.description import factor
from conformance.diagnosis.formula_search import FormulaSearch
from conformance.faults.changed.forms import in_form
from conformance.faults.fault import Fault
from conformance.faults.single_changes import single_changes
from conformance.judging.verdicts import CatalogueMatch, Diagnosis

_EFFORT = 1500
# Changes of a formula are many; a few answers are explained by one of them by chance.
_FEWEST_WRONG, _FEWEST = 3, 6
# Several that give the same answers are mostly one and the same, written in several places.
_MOST = 3


def beyond_catalogue(search: FormulaSearch, forms: Sequence[Fault]) -> Diagnosis | None:
    """A sentence from a template, if one change predicts every answer."""
    wrong = {o.case.id for o in search.answered if not o.agrees}
    if len(wrong) < _FEWEST_WRONG or len({o.case.id for o in search.answered}) < _FEWEST:
        return None
    changes = single_changes(search.spec.name, search.quantity)
    explaining = _explaining(search, changes)
    for form in forms:
        explaining = explaining or _explaining(search, changes, form)
    if not explaining:
        return None
    matches = tuple(CatalogueMatch((fault.id,), (fault.sentence,), (fault.hint,)) for fault in explaining)
    count, words = len(search.answered), " Or: ".join(fault.sentence for fault in explaining).rstrip(".")
    ratio = "".join(f"; {words}" for words in factor(search.spec, [o for o in search.answered if not o.agrees]))
    return Diagnosis(f"no known mistake, but one change explains {count} of {count} answers: {words}{ratio}", matches, count, count)


def _explaining(search: FormulaSearch, changes: Sequence[Fault], form: Fault | None = None) -> list[Fault]:
    most, explaining = search.effort.spent + _EFFORT, dict[str, Fault]()
    for fault in changes:
        if search.effort.over(most) or len(explaining) == _MOST:
            break
        written = fault if form is None else in_form(fault, form)
        if written is not None and search.explains((written,)):
            explaining.setdefault(fault.id, fault)
    return list(explaining.values())
