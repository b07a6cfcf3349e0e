"""Whether an explanation of one quantity also holds where the others were answered rightly: no gradient is zero that was right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conformance.cases.kinds import kind_of
from conformance.diagnosis.effort import Effort
from conformance.diagnosis.formula_search import FormulaSearch
from conformance.diagnosis.model_predictions import NOWHERE, ModelPredictions
from conformance.faults.fault import Fault
from conformance.judging.verdicts import Evidence
from conformance.respondent.responses import Returned
from conformance.targets.target import Target
from reference.specification import Quantity, Spec

# Right answers of another quantity to which an explanation is held: a mistake that contradicts them does so on most.
_CASES = 8


def holds_for(
    spec: Spec, target: Target, quantity: Quantity, beside: Mapping[Quantity, Sequence[Evidence]], effort: Effort
) -> Callable[[tuple[Fault, ...]], bool]:
    """Whether faults that explain a quantity predict the right answers of those `beside` as they came.

    A model computes a quantity from those before it, and what comes after need not go the same way: a loss from the logits is right
    beside probabilities that are not.
    """
    before = spec.quantities[: spec.quantities.index(quantity)] if kind_of(spec).trained else spec.quantities
    right: dict[Quantity, Sequence[Evidence]] = {q: _some(evidence) for q, evidence in beside.items() if q in before}
    if kind_of(spec).trained:
        models = [(ModelPredictions(spec, q, target.device, effort=effort), answers) for q, answers in right.items()]
        return lambda faults: all(p.left_at(faults, answer) == NOWHERE for p, answers in models for answer in answers)
    searches = [FormulaSearch(spec, target, quantity, answers, effort) for quantity, answers in right.items()]
    return lambda faults: all(search.allows(faults) for search in searches)


def _some(evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    right = [observation for observation in evidence if observation.agrees and isinstance(observation.response, Returned)]
    return right[:: max(1, len(right) // _CASES)][:_CASES]
