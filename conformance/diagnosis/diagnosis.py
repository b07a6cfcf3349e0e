"""Which known mistake was made: the one, or the two, that predict every answer that was given.

A fault is evaluated on the smallest failing case first; most are ruled out there. What remains must explain all other cases, failed
and passed. If no single one does, pairs are tried, likely ones first. If nothing does, `description` says what the failures have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from conformance.cases.case import PROFILES_COME_ROUND, Case, cases
from conformance.cases.kinds import kind_of
from conformance.diagnosis import description, model_search
from conformance.diagnosis.beyond_catalogue import (
    beyond_catalogue,
    one_change,
    only_under_a_condition,
    remembered_as_well,
    where_it_fails,
)
from conformance.diagnosis.beyond_models import beyond_model
from conformance.diagnosis.consistency import holds_for
from conformance.diagnosis.effort import Effort
from conformance.diagnosis.formula_search import FormulaSearch, predicted
from conformance.diagnosis.free_constants import with_arguments, with_constants
from conformance.diagnosis.model_predictions import ModelPredictions
from conformance.diagnosis.nearness import few_budgets
from conformance.diagnosis.partial_precision import partly_narrower, rounded_parts
from conformance.diagnosis.precision import narrower_precision
from conformance.diagnosis.relations import only_part
from conformance.diagnosis.variant_gradients import is_gradient_of
from conformance.faults.catalogue import entries, entries_for
from conformance.faults.changed.forms import forms_of
from conformance.faults.fault import Fault
from conformance.faults.templates import id_of
from conformance.judging.verdicts import CatalogueMatch, Diagnosis, Evidence
from conformance.respondent.frameworks import has_numbers
from conformance.respondent.responses import Output, Raised, Returned
from conformance.respondent.symptoms import Symptom
from conformance.targets.target import Target
from reference.specification import Quantity, Spec


def diagnose(
    spec: Spec,
    target: Target,
    quantity: Quantity,
    evidence: Sequence[Evidence],
    beside: Mapping[Quantity, Sequence[Evidence]] = MappingProxyType({}),
    accepted: Sequence[CatalogueMatch] = (),
) -> Diagnosis | None:
    """What explains the answers, and contradicts no right one of the quantities `beside`; None if none of them is wrong.

    What is `accepted` explains what these answers follow from. Where there are no numbers any mistake of the right shape would explain
    what is there, and a tensor on a wrong device is explained by what is said of it.
    """
    wrong = [observation.symptom for observation in evidence if not observation.agrees]
    if not wrong or not has_numbers(target.device) or set(wrong) == {Symptom.WRONG_DEVICE}:
        return None
    following = [d for match in accepted if (d := _following(match, spec, quantity, evidence)) is not None]
    if (compared := next((d for d in following if d.explained), None)) is not None:
        return compared
    diagnosis = _explanation(spec, target, quantity, evidence, beside)
    return following[0] if following and (diagnosis is None or not diagnosis.matches) else diagnosis


def _following(match: CatalogueMatch, spec: Spec, quantity: Quantity, evidence: Sequence[Evidence]) -> Diagnosis | None:
    """That these answers follow from an accepted variant; None if they do not. What cannot be predicted is said not to be compared."""
    answered = [observation for observation in evidence if isinstance(observation.response, Returned)]
    faults, compared = tuple(entries()[id] for id in match.ids if id in entries()), 0
    try:
        if quantity == "gradient":
            if not is_gradient_of(faults, spec, answered):
                return None
            compared = len(answered)
    except Exception:  # a changed reference may raise anything on inputs that it was not written for
        compared = 0
    silent = len(evidence) - len(answered) if compared else 0
    return Diagnosis(f"follows from the variant {' with '.join(match.ids)}", (match,), compared, len(evidence) - silent, silent)


def _explanation(
    spec: Spec, target: Target, quantity: Quantity, evidence: Sequence[Evidence], beside: Mapping[Quantity, Sequence[Evidence]]
) -> Diagnosis | None:
    failed = [observation for observation in evidence if not observation.agrees]
    if not failed:
        return None
    answered = sorted((observation for observation in evidence if isinstance(observation.response, Returned)), key=_urgency)
    if _contradicts_itself(answered):
        return _of_symptoms(spec, quantity, evidence, [Symptom.ANSWERS_DIFFERENTLY]) or description.describe(
            spec, quantity, evidence
        )
    if all(observation.agrees for observation in answered):
        symptoms = [observation.symptom for observation in failed]
        if all(symptom is Symptom.NOT_WRITTEN for symptom in symptoms):
            return Diagnosis("it is not written yet: it raises NotImplementedError", (), 0, len(evidence))
        by_symptom = _of_symptoms(spec, quantity, evidence, symptoms) or where_it_fails(spec, evidence)
        return by_symptom or description.describe(spec, quantity, evidence)
    effort, budgets = Effort(), few_budgets(failed)
    holds_beside = holds_for(spec, target, quantity, beside, effort)
    search = FormulaSearch(spec, target, quantity, answered, effort, holds_beside)
    with np.errstate(all="ignore"):
        faults = entries_for(spec.name)
        explanations: Sequence[tuple[Fault, ...]]
        beyond: Diagnosis | None = None
        untried = uncompared = 0
        if kind_of(spec).trained:
            predictions = ModelPredictions(spec, quantity, target.device, effort=effort)
            searched = model_search.explanations(faults, answered, predictions, holds_beside)
            explanations, untried, uncompared = searched.matches, searched.untried, searched.uncompared
            beyond = None if explanations or budgets else beyond_model(spec, faults, predictions, answered, beside, holds_beside)
        else:
            # Answers that stay the same do not come from chance, whose own two draws are as far apart as any wrong number.
            exact = [f for f in faults if f.noise is None and f.symptom != Symptom.ANSWERS_DIFFERENTLY]
            explanations = [(f,) for f in exact if search.explains((f,))]
            forms = forms_of(spec.name) if not explanations else ()
            explanations = explanations or [(f, form) for form in forms for f in exact if search.explains_in_form(f, form)]
            explanations = explanations or [e for form in (None, *forms) for e in with_arguments(search, exact, form)]
            explanations = explanations or [e for form in (None, *forms) for e in with_constants(search, exact, form)]
            # What only bounds an error comes after what predicts it.
            explanations = explanations or [(f,) for f in faults if f.noise is not None and search.explains((f,))]
            explanations = explanations or search.pairs(exact)
            # The two of a pair may both be made in a literal form.
            explanations = explanations or [
                (*faults, form) for form in forms for faults in search.pairs([f for f in exact if f.id != form.id], form)
            ]
            narrow = narrower_precision(target, failed) if not explanations else None
            parts = rounded_parts(search) if not (explanations or budgets or narrow) and kind_of(spec).called else []
            beyond = one_change(parts, len(answered)) if parts else None
            if not (explanations or budgets or beyond or narrow) and kind_of(spec).called:
                beyond = beyond_catalogue(search, forms)
            beyond = beyond or (None if explanations or budgets else only_under_a_condition(search, forms, exact))
    if not explanations:
        narrower = narrower_precision(target, failed)
        if narrower is not None:
            return Diagnosis(f"{narrower} ({len(failed)} of {len(evidence)} answers are wrong)", (), 0, len(evidence))
        partly = partly_narrower(spec, target.dtype, answered, effort) if beyond is None or not beyond.explained else None
        if partly is not None and budgets is None:
            return partly
        part = only_part(quantity, failed) if not kind_of(spec).called and len(failed) > 1 else None
        statement = part if budgets is None else id_of("few_budgets", f"{budgets:.3g}")
        beyond = beyond or where_it_fails(spec, evidence, statement)
        if beyond is not None and not beyond.explained:
            return beyond  # what the answers are is so, whatever mistake was made
        return _with_remark(beyond or description.describe(spec, quantity, evidence), untried)
    silent = len(failed) - sum(not observation.agrees for observation in answered)
    diagnosis = _explained(_without_twins(explanations), answered, silent, failed, uncompared)
    if kind_of(spec).trained:
        return _with_remark(model_search.placed(diagnosis, answered), untried)
    remembered = remembered_as_well(search, evidence[0].case) if kind_of(spec).called else ""
    return replace(diagnosis, sentence=diagnosis.sentence + remembered)


def _with_remark(diagnosis: Diagnosis, untried: int) -> Diagnosis:
    """The diagnosis, and how much of the catalogue was not tried."""
    remark = f"; {untried} known mistakes were not tried: that would take too long" if untried else ""
    return replace(diagnosis, sentence=diagnosis.sentence + remark)


def _contradicts_itself(answered: Sequence[Evidence]) -> bool:
    """Whether a case that was asked twice was answered in two ways."""
    first: dict[str, Evidence] = {}
    return any(
        not _same(first.setdefault(observation.case.id, observation).response, observation.response) for observation in answered
    )


def _same(answer: Any, other: Any) -> bool:
    if answer is other:
        return True
    return all(
        np.array_equal(value.array, other.outputs[name].array, equal_nan=value.array.dtype.kind == "f")
        if isinstance(value, Output) and isinstance(other.outputs.get(name), Output)
        else value == other.outputs.get(name)
        for name, value in answer.outputs.items()
    )


def _urgency(observation: Evidence) -> tuple[bool, bool, int]:
    """Failures first, real data last, small before large."""
    return observation.agrees, "real" in observation.case.flags, _size(observation.case.inputs)


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else np.size(value)


def _of_symptoms(
    spec: Spec, quantity: Quantity, evidence: Sequence[Evidence], symptoms: Sequence[Symptom | None]
) -> Diagnosis | None:
    """For answers that are no numbers, what the harness noticed of them."""
    failed = [observation for observation in evidence if not observation.agrees]
    explanations = [
        (fault,)
        for fault in entries_for(spec.name)
        if all(symptom is not None and symptom.is_a(fault.symptom) for symptom in symptoms)
        if not any(isinstance(observation.response, Raised) for observation in failed)
        or _raises_there(fault, spec, quantity, evidence)
    ]
    return _explained(explanations, failed, 0, failed) if explanations else None


def _raises_there(fault: Fault, spec: Spec, quantity: Quantity, evidence: Sequence[Evidence]) -> bool:
    """Whether a fault raises on the cases on which the target raised, and on no other."""
    if not all(
        (_answer(fault, spec, quantity, observation.case) is None) == isinstance(observation.response, Raised)
        for observation in evidence
    ):
        return False
    if any(isinstance(observation.response, Returned) for observation in evidence):
        return True
    # Where no answer came, nobody has seen that anything works: it is not said of a target that it works for some inputs only.
    return not any(
        _answer(fault, spec, quantity, case) is not None for case in cases(spec, evidence[0].case.dtype, 0, PROFILES_COME_ROUND)
    )


def _answer(fault: Fault, spec: Spec, quantity: Quantity, case: Case) -> Mapping[str, Any] | None:
    """What a fault says of a case; None if it raises."""
    try:
        return predicted((fault,), spec, quantity, case)
    except Exception:  # raising is what is asked for
        return None


def _without_twins(explanations: Sequence[tuple[Fault, ...]]) -> list[tuple[Fault, ...]]:
    """Of faults that no input can tell apart only the first is named."""
    ids = {fault.id for faults in explanations for fault in faults}
    return [faults for faults in explanations if not any(fault.same_as in ids for fault in faults)]


def _explained(
    explanations: Sequence[tuple[Fault, ...]],
    answered: Sequence[Evidence],
    silent: int,
    failed: Sequence[Evidence],
    uncompared: int = 0,
) -> Diagnosis:
    compared = len(answered) - uncompared
    matches = tuple(
        CatalogueMatch(
            tuple(fault.id for fault in faults),
            tuple(fault.sentence for fault in faults),
            tuple(fault.hint for fault in faults),
            all(fault.kind == "variant" for fault in faults),
        )
        for faults in explanations
    )
    names = " or ".join(" with ".join(match.ids) for match in matches)
    kind = "variant" if all(match.variant for match in matches) else "mistake"
    sentence = f"matches the known {kind} {names}: {compared} of {compared} answers"
    if uncompared:
        sentence += f", and {uncompared} more were not compared: that would take too long"
    if len(matches) > 1:
        sentence += "; these cases do not tell them apart"
    if silent:
        sentence += f"; {silent} of {len(failed)} failures gave no answer, which this does not explain"
    return Diagnosis(sentence, matches, compared, len(answered), silent)


def suspects(diagnosis: Diagnosis | None) -> Iterator[str]:
    """Every id that is named."""
    for match in diagnosis.matches if diagnosis is not None else ():
        yield from match.ids
