"""Where no entry of the catalogue explains the answers of a formula: one change of it, or of its literal form, that does.

And whatever is asked: a mistake, known or not, that is made only where a condition holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from conformance.cases.case import Case
from conformance.cases.drawing import defaults_of
from conformance.cases.kinds import kind_of
from conformance.diagnosis.conditions import Condition, conditions
from conformance.diagnosis.description import factor
from conformance.diagnosis.formula_search import FormulaSearch
from conformance.diagnosis.free_constants import with_arguments, with_constants
from conformance.diagnosis.other_defaults import explaining_defaults
from conformance.faults.changed.forms import in_form
from conformance.faults.constants import with_constant
from conformance.faults.defaults import shown
from conformance.faults.fault import Fault
from conformance.faults.printed_changes import printed_changes
from conformance.faults.single_changes import single_changes
from conformance.faults.templates import WHERE, hint_of, hint_of_condition, id_of, only_where, sentence_of
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import CatalogueMatch, Diagnosis, Evidence
from conformance.respondent.responses import Output, Returned
from conformance.tolerance import RATIO_SPREAD
from reference.specification import Spec

_EFFORT, _EFFORT_WHERE = 1500, 600
# Changes of a formula are many; a few answers are explained by one of them by chance.
_FEWEST_WRONG, _FEWEST = 3, 6
# Several that give the same answers are mostly one and the same, written in several places.
MOST = 3


def beyond_catalogue(search: FormulaSearch, forms: Sequence[Fault]) -> Diagnosis | None:
    """A sentence from a template, if one change predicts every answer."""
    wrong = {o.case.id for o in search.answered if not o.agrees}
    if len(wrong) < _FEWEST_WRONG or len({o.case.id for o in search.answered}) < _FEWEST:
        return None
    changes = single_changes(search.spec.name, search.quantity)
    explaining = explaining_defaults(search, forms) or _explaining(search, changes, _EFFORT)
    for form in forms:
        explaining = explaining or _explaining(search, changes, _EFFORT, form)
    explaining = explaining or _as_printed(search)
    if not explaining:
        return None
    ratio = "".join(f"; {words}" for words in factor(search.spec, [o for o in search.answered if not o.agrees]))
    return one_change(explaining, len(search.answered), ratio)


def _as_printed(search: FormulaSearch) -> list[Fault]:
    """Changes of the formula as it is printed; of those with a free number each argument, and whatever number explains the answers."""
    changes = printed_changes(search.spec.name) if search.quantity == "value" else ()
    free = [fault for fault in changes if fault.constant is not None]
    explaining = _explaining(search, [fault for fault in changes if fault.constant is None], _EFFORT)
    if not explaining:
        explaining = [fault for (fault,) in [*with_arguments(search, free), *with_constants(search, free)]][:MOST]
    return explaining


def remembered_as_well(search: FormulaSearch, first: Case) -> str:
    """A remark where a divisor that is kept from the first call explains as much as what is named: no later call can tell."""
    samples = next((len(value) for value in first.inputs.values() if isinstance(value, np.ndarray) and value.ndim > 1), None)
    if samples is None or search.quantity != "value" or not _are_divided_by(samples, search):
        return ""
    divisors = [fault for fault in printed_changes(search.spec.name) if fault.id.startswith("divisor_remembered#")]
    if not any(search.explains((with_constant(fault, samples),)) for fault in divisors):
        return ""
    return f"; so would a number of samples that is remembered from the first call, which had {samples}"


def _are_divided_by(samples: int, search: FormulaSearch) -> bool:
    """Whether every wrong answer is as large as if its batch had so many samples: seen without a prediction."""
    for observation in search.answered:
        right, response = observation.expected.get("value"), observation.response
        output = response.outputs.get("value") if isinstance(response, Returned) else None
        if not observation.agrees and isinstance(right, Expected) and isinstance(output, Output):
            own = max(
                (len(x) for x in observation.case.inputs.values() if isinstance(x, np.ndarray) and x.ndim > 1), default=samples
            )
            with np.errstate(all="ignore"):
                scaled = right.value * own / samples
                room = RATIO_SPREAD * np.abs(scaled) + right.allowed
                if output.array.shape != scaled.shape or not np.all(np.abs(output.array - scaled) <= room):
                    return False
    return True


def one_change(explaining: Sequence[Fault], count: int, more: str = "") -> Diagnosis:
    """What is said of one change, or of a few that cannot be told apart, that predict so many answers."""
    matches = tuple(CatalogueMatch((fault.id,), (fault.sentence,), (fault.hint,)) for fault in explaining)
    words = " Or: ".join(fault.sentence for fault in explaining).rstrip(".")
    return Diagnosis(f"no known mistake, but one change explains {count} of {count} answers: {words}{more}", matches, count, count)


def only_under_a_condition(search: FormulaSearch, forms: Sequence[Fault], known: Sequence[Fault]) -> Diagnosis | None:
    """A mistake of a formula or a tokenizer that is made only where a condition holds."""
    if all(_is_not_finite(observation) for observation in search.answered if not observation.agrees):
        return None  # infinity comes of many mistakes
    changes = single_changes(search.spec.name, search.quantity) if kind_of(search.spec).called and search.spec.vjp else ()
    for condition in conditions(search.spec, search.answered):
        inside = replace(search, answered=inside_of(condition, search.answered), holds_beside=lambda faults: True)
        for form in (None, *forms):
            explaining = _explaining(inside, [*known, *changes], _EFFORT_WHERE, form)
            if explaining:
                return under_condition(condition, explaining[0], search.answered)
    return None


def inside_of(condition: Condition, answered: Sequence[Evidence]) -> list[Evidence]:
    """The answers to cases for which a condition holds."""
    return [observation for observation in answered if observation.case.id in condition.members]


def under_condition(condition: Condition, fault: Fault, answered: Sequence[Evidence]) -> Diagnosis:
    """What is said of a mistake that is made only there."""
    sentence = only_where(condition.id, fault.sentence, "en")
    match = CatalogueMatch((f"{condition.id}{WHERE}{fault.id}",), (sentence,), (fault.hint,))
    count = len(answered)
    return Diagnosis(
        f"a mistake that is not made everywhere explains {count} of {count} answers: {sentence}", (match,), count, count
    )


def where_it_fails(spec: Spec, evidence: Sequence[Evidence], statement: str | None = None) -> Diagnosis | None:
    """What the wrong answers are, from a template, and the condition that holds wherever they are, without a mistake."""
    wrong = {observation.case.id for observation in evidence if not observation.agrees}
    condition = next(iter(conditions(spec, evidence)), None)
    if statement is None and all(_is_not_finite(observation) for observation in evidence if not observation.agrees):
        statement = "not_finite#"
    if condition is None and statement is None:
        return None
    sentence = None if statement is None else sentence_of(statement, "en")
    id, hint = statement or "", hint_of(statement or "", "en") or hint_of_condition("en")
    words = [*factor(spec, [o for o in evidence if not o.agrees])] if statement is None else []
    left_out = condition.id.split("#")[1] if condition is not None and condition.id.startswith("where_left_out#") else None
    if left_out is not None and left_out in (defaults := defaults_of(spec)):
        assert condition is not None
        id = id_of("another_default", left_out, shown(defaults[left_out]))
        sentence, hint = sentence_of(id, "en"), hint_of(id, "en") or ""
        words = [_share(wrong, condition, evidence), *words]
    elif condition is not None:
        sentence, id = only_where(condition.id, sentence, "en"), f"{condition.id}{WHERE}{id}"
        words.append(_share(wrong, condition, evidence))
    assert sentence is not None
    counted = f"{sum(not o.agrees for o in evidence)} of {len(evidence)} answers are wrong"
    said = "; ".join([f"no known mistake, but this: {sentence.rstrip('.')}", *words])
    return Diagnosis(f"{said} ({counted})", (CatalogueMatch((id,), (sentence,), (hint,)),), 0, len(evidence))


def _share(wrong: Collection[str], condition: Condition, evidence: Sequence[Evidence]) -> str:
    others = len({observation.case.id for observation in evidence}) - len(condition.members)
    return f"{len(wrong)} of {len(condition.members)} such cases fail, and none of the {others} others"


def _is_not_finite(observation: Evidence) -> bool:
    """Whether an answer holds an infinity, or no number, where there should be a number."""
    if not isinstance(observation.response, Returned):
        return False
    outputs, right = observation.response.outputs, observation.expected
    pairs = [(o.array, e.value) for n, e in right.items() if isinstance(e, Expected) and isinstance(o := outputs.get(n), Output)]
    return any(
        given.shape == value.shape and given.dtype.kind == "f" and bool(np.any(np.isfinite(value) & ~np.isfinite(given)))
        for given, value in pairs
    )


def _explaining(search: FormulaSearch, changes: Sequence[Fault], effort: float, form: Fault | None = None) -> list[Fault]:
    most, explaining = search.effort.spent + effort, dict[str, Fault]()
    for fault in changes:
        if search.effort.over(most) or len(explaining) == MOST:
            break
        written = fault if form is None else in_form(fault, form)
        if written is not None and search.explains((written,)):
            explaining.setdefault(fault.id, fault)
    return list(explaining.values())
