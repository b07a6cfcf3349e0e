"""Whether a model's loss is right but for a weight: one that multiplies another term, is left out, or multiplies a term once more.

Every answer is compared, right ones too: a term with the weight once more is that term times the weight, and one without it is what the
reference says where the weight is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from conformance.cases.drawing import defaults_of
from conformance.diagnosis.effort import Effort
from conformance.faults.templates import hint_of, id_of, sentence_of
from conformance.judging.compare import compare
from conformance.judging.expectation import Expected, model_result
from conformance.judging.verdicts import CatalogueMatch, Diagnosis, Evidence
from conformance.respondent.belongings import own
from conformance.respondent.model_inputs import ModelInputs
from conformance.respondent.responses import Returned
from conformance.tolerance import SMALLEST_NORMAL, explained_error
from reference.domains import Number
from reference.specification import Array, Spec

_TOTAL = "total"
# How often a weight multiplies a term beyond what it should.
_POWERS = (0, 1, -1)
# Weights other than 1 tell how often they are there.
_FEWEST = 3


def weighted_otherwise(spec: Spec, answered: Sequence[Evidence], effort: Effort) -> Diagnosis | None:
    """Which weight multiplies which term, where that explains every answer."""
    terms = [name for name in answered[0].expected if name != _TOTAL]
    for name, domain in spec.inputs.items():
        if not isinstance(domain, Number) or _TOTAL not in answered[0].expected:
            continue
        for powers in product(_POWERS, repeat=len(terms)):
            by_term = dict(zip(terms, powers, strict=True))
            # Without it is with 1, which some arguments may not be.
            if min(powers) < 0 and not domain.low <= 1.0 < domain.high:
                continue
            if any(powers) and _explains(spec, name, by_term, answered, effort):
                return _said(name, by_term, len(answered))
    return None


def _said(weight: str, powers: Mapping[str, int], count: int) -> Diagnosis:
    more, less = ([term for term, power in powers.items() if power == sign] for sign in (1, -1))
    if len(more) == len(less) == 1:
        ids = [id_of("factor_elsewhere", weight, more[0], less[0])]
    else:
        ids = [*(id_of("factor_more", weight, term) for term in more), *(id_of("factor_less", weight, term) for term in less)]
    sentences = tuple(sentence_of(id, "en") or "" for id in ids)
    match = CatalogueMatch(tuple(ids), sentences, tuple(hint_of(id, "en") or "" for id in ids))
    words = " ".join(sentences).rstrip(".")
    return Diagnosis(f"no known mistake, but one change explains {count} of {count} answers: {words}", (match,), count, count)


def _explains(spec: Spec, weight: str, powers: Mapping[str, int], answered: Sequence[Evidence], effort: Effort) -> bool:
    telling = 0
    for observation in answered:
        given = observation.case.model.configuration.get(weight, defaults_of(spec).get(weight))
        if not isinstance(given, float) or not isinstance(observation.response, Returned):
            # What is left out may depend on another option; of such a case only a right answer is understood.
            if not observation.agrees:
                return False
            continue
        predicted = _weighted(spec, weight, given, powers, observation, effort)
        if predicted is None or not compare(predicted, observation.response.outputs, "cpu").agrees:
            return False
        telling += given != 1.0 and not observation.agrees
    return telling >= _FEWEST


def _weighted(
    spec: Spec, weight: str, given: float, powers: Mapping[str, int], observation: Evidence, effort: Effort
) -> dict[str, Expected] | None:
    """What the loss is with the weight so often in each term, and with room."""
    rights = {name: right for name, right in observation.expected.items() if isinstance(right, Expected)}
    if rights.keys() != {*powers, _TOTAL}:
        return None
    values = {name: right.value for name, right in rights.items()}
    if any(power < 0 for power in powers.values()):
        effort.spend()
        inputs = ModelInputs.of(own(observation.case.inputs))
        inputs = replace(inputs, configuration={**inputs.configuration, weight: 1.0})
        try:
            without = model_result(spec.evaluate, inputs, "value")
        except Exception:  # beside other options an argument may be refused that is a number of its domain
            return None
        values |= {name: np.asarray(without[name]) for name, power in powers.items() if power < 0}
    values |= {name: given * values[name] for name, power in powers.items() if power > 0}
    values[_TOTAL] = np.asarray(sum(values[name] for name in powers))
    room = {name: _room(right, rights[_TOTAL], values[name]) for name, right in rights.items()}
    return {name: replace(right, value=values[name], allowed=room[name]) for name, right in rights.items()}


def _room(right: Expected, total: Expected, value: Array) -> Array:
    """A term that is as large as the loss is as inexact as the loss."""
    grown = np.abs(value) / max(float(np.abs(total.value)), SMALLEST_NORMAL["float32"])
    return explained_error(np.maximum(right.allowed, total.allowed * np.maximum(1.0, grown)), value, right.dtype)
