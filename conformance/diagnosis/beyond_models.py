"""Where no entry of the catalogue explains the answers of a model: one change of the reference, everywhere or under a condition; or what
the first wrong result is beside the right one.

Only functions are changed that the reference enters for what is wrong, and does not enter for what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from conformance.diagnosis.beyond_catalogue import MOST, inside_of, one_change, under_condition, where_it_fails
from conformance.diagnosis.conditions import conditions
from conformance.diagnosis.loss_weights import weighted_otherwise
from conformance.diagnosis.model_predictions import ModelPredictions
from conformance.diagnosis.model_search import Faults, explains
from conformance.diagnosis.other_defaults import changed_defaults
from conformance.diagnosis.relations import begun_elsewhere, only_later, only_part, relation
from conformance.faults.fault import Fault
from conformance.faults.model_changes import model_changes, reached
from conformance.faults.rounded import rounded_arguments
from conformance.judging.expectation import model_result
from conformance.judging.verdicts import Diagnosis, Evidence
from conformance.respondent.belongings import own
from conformance.respondent.model_inputs import ModelInputs
from reference.specification import Quantity, Spec

# For changes that are made everywhere, and for mistakes that are made under a condition.
_EFFORT, _EFFORT_WHERE = 900, 300
# Others that explain as much are mostly the same, written beside it.
_EFFORT_AFTER_THE_FIRST = 60
# One answer of a model is explained by one of very many changes by chance.
_FEWEST_WRONG = 2


def beyond_model(
    spec: Spec,
    known: Sequence[Fault],
    predictions: ModelPredictions,
    answered: Sequence[Evidence],
    beside: Mapping[Quantity, Sequence[Evidence]],
    holds_beside: Callable[[Faults], bool],
) -> Diagnosis | None:
    """A sentence from a template, or None."""
    quantity = predictions.quantity
    failed = [observation for observation in answered if not observation.agrees]
    if len({observation.case.id for observation in failed}) < _FEWEST_WRONG:
        return None
    part = only_later(failed) or only_part(quantity, failed)
    if part is not None:
        return where_it_fails(spec, answered, part)
    if quantity == "value" and (weighted := weighted_otherwise(spec, answered, predictions.effort)) is not None:
        return weighted
    right: list[Quantity] = [
        q for q, evidence in beside.items() if evidence and all(observation.agrees for observation in evidence)
    ]
    # Numbers that are cast on their way show in double precision only.
    rounded = rounded_arguments(spec) if failed[0].case.dtype == "float64" else ()
    changes = [*changed_defaults(spec, answered), *rounded, *model_changes(spec.name, _functions(spec, quantity, failed[0], right))]
    explaining = _explaining(predictions, changes, answered, _EFFORT, holds_beside)
    if explaining:
        return one_change(explaining, len(answered))
    for condition in conditions(spec, answered):
        inside = inside_of(condition, answered)
        explaining = _explaining(predictions, [*known, *changes], inside, _EFFORT_WHERE, lambda faults: True, 1)
        if explaining:
            return under_condition(condition, explaining[0], answered)
    return where_it_fails(spec, answered, begun_elsewhere(quantity, failed) or relation(failed, quantity))


def _functions(spec: Spec, quantity: Quantity, observation: Evidence, right: Sequence[Quantity]) -> frozenset[tuple[str, str]]:
    """What the reference enters for a quantity, without what it enters for those that are right."""

    def entered(of: Quantity) -> frozenset[tuple[str, str]]:
        return reached(lambda: model_result(spec.evaluate, ModelInputs.of(own(observation.case.inputs)), of))

    return entered(quantity).difference(*map(entered, right))


def _explaining(
    predictions: ModelPredictions,
    faults: Iterable[Fault],
    answered: Sequence[Evidence],
    effort: float,
    holds_beside: Callable[[Faults], bool],
    most: int = MOST,
) -> list[Fault]:
    limit, explaining = predictions.effort.spent + effort, dict[str, Fault]()
    for fault in faults:
        if predictions.effort.over(limit) or len(explaining) == most:
            break
        if (fault.changes or fault.wrap) and explains(predictions, (fault,), answered, limit) and holds_beside((fault,)):
            explaining.setdefault(fault.id, fault)
            limit = min(limit, predictions.effort.spent + _EFFORT_AFTER_THE_FIRST)
    return list(explaining.values())
