"""Whether an argument has another default than it should: then only those cases are wrong that leave it out, and its value explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from conformance.cases.drawing import defaults_of
from conformance.diagnosis.formula_search import FormulaSearch
from conformance.diagnosis.free_constants import fitted, written_in
from conformance.faults.defaults import another_default, other_defaults
from conformance.faults.fault import Fault
from conformance.judging.verdicts import Evidence
from reference.domains import Number
from reference.specification import Spec

_EFFORT = 600


def changed_defaults(spec: Spec, answered: Sequence[Evidence]) -> Iterator[Fault]:
    """Other defaults of what every wrong case leaves out: usual ones."""
    for name, right in _left_out(spec, answered).items():
        yield from other_defaults(spec, name, right)


def explaining_defaults(search: FormulaSearch, forms: Sequence[Fault]) -> list[Fault]:
    """Of a formula or a tokenizer: a usual default, or the number that explains every answer; also beside a literal form."""
    most = search.effort.spent + _EFFORT
    for name, right in _left_out(search.spec, search.answered).items():
        for form in (None, *forms):
            for fault in other_defaults(search.spec, name, right):
                written = written_in(fault, form)
                if not search.effort.over(most) and written is not None and search.explains(written):
                    return [fault]
            if isinstance(search.spec.inputs[name], Number) and not search.effort.over(most):
                solved = fitted(search, partial(another_default, search.spec, name, right), form, may_vanish=True)
                if solved is not None:
                    return [solved]
    return []


def _left_out(spec: Spec, answered: Sequence[Evidence]) -> Mapping[str, Any]:
    """Arguments, with the defaults that they should have, that every wrong case leaves out, while some case gives them."""
    wrong = [_given(observation) for observation in answered if not observation.agrees]
    every = [_given(observation) for observation in answered]
    return {
        name: right
        for name, right in defaults_of(spec).items()
        if not any(name in given for given in wrong) and any(name in given for given in every)
    }


def _given(observation: Evidence) -> Mapping[str, Any]:
    case = observation.case
    return case.model.configuration if case.holds_model else case.inputs
