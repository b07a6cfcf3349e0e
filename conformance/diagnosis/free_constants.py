"""The constant with which a mistake predicts the answers: a clip, an ε, a bound that everybody chooses for himself.

On one wrong answer the prediction is a function of the constant, so that the constant is where it meets the answer: looked for between
powers of ten, halved, and rounded to as few digits as explain everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from conformance.diagnosis.formula_search import FormulaSearch
from conformance.faults.changed.forms import in_form
from conformance.faults.constants import with_argument, with_constant
from conformance.faults.fault import Fault
from conformance.judging.verdicts import Evidence
from conformance.respondent.responses import Output, Returned
from reference.domains import Number

_POWERS = tuple(10.0**power for power in range(-16, 4))
_HALVINGS = 40
# Where so much smaller a constant explains as much, it is none: what is meant is left out altogether.
_FAR_SMALLER = 1e-4
_CASES = 3
_MOST_DIGITS = 8
# A constant is a choice; what takes more digits than this is a number that happens to fit one case.
_EFFORT = 1500


Family = Callable[[float], Fault]


def with_constants(search: FormulaSearch, faults: Sequence[Fault], form: Fault | None = None) -> list[tuple[Fault, ...]]:
    """The faults whose constant, another than the catalogue's, explains every answer; made in a literal form, where one is given."""
    most, explaining = search.effort.spent + _EFFORT, []
    for fault in faults:
        if fault.constant is None or search.effort.over(most):
            continue
        explanation = fitted(search, partial(with_constant, fault), form)
        if explanation is not None:
            explaining.append((explanation,) if form is None else (explanation, form))
    return explaining


def with_arguments(search: FormulaSearch, faults: Sequence[Fault], form: Fault | None = None) -> list[tuple[Fault, ...]]:
    """The faults that explain every answer with a number that is given, such as an ε, where they have a constant of their own."""
    numbers = [name for name, domain in search.spec.inputs.items() if isinstance(domain, Number)]
    candidates = [with_argument(fault, name) for fault in faults if fault.constant is not None for name in numbers]
    explaining = [candidate for candidate in candidates if _explains(search, candidate, form)]
    return [(candidate,) if form is None else (candidate, form) for candidate in explaining]


def fitted(search: FormulaSearch, family: Family, form: Fault | None = None, may_vanish: bool = False) -> Fault | None:
    """Of faults that differ by a constant the one that explains every answer; where a tiny one does as well, none unless it may."""
    tried: set[str] = set()
    failed = [observation for observation in search.answered if not observation.agrees]
    for observation in failed[:: max(1, len(failed) // _CASES)][:_CASES]:
        for constant in _meeting(search, family, form, observation):
            for digits in range(1, _MOST_DIGITS + 1):
                rounded = float(f"{constant:.{digits - 1}e}")
                candidate = family(rounded)
                if candidate.id in tried:
                    continue
                tried.add(candidate.id)
                if _explains(search, candidate, form):
                    vanishes = not may_vanish and _explains(search, family(rounded * _FAR_SMALLER), form)
                    return None if vanishes else candidate
    return None


def _explains(search: FormulaSearch, fault: Fault, form: Fault | None) -> bool:
    faults = written_in(fault, form)
    return faults is not None and search.explains(faults)


def written_in(fault: Fault, form: Fault | None) -> tuple[Fault, ...] | None:
    """The fault made in a literal form; None if it has no place there. What wraps the formula wraps its form."""
    if form is None:
        return (fault,)
    if fault.wrap is not None:
        return form, fault
    together = in_form(fault, form)
    return None if together is None else (together,)


def _meeting(search: FormulaSearch, family: Family, form: Fault | None, observation: Evidence) -> Iterator[float]:
    """Constants at which the prediction for a case passes the answer."""

    def apart(constant: float) -> float:
        faults = written_in(family(constant), form)
        return math.nan if faults is None else _apart(search, faults, observation)

    distances = [apart(power) for power in _POWERS]
    for (low, below), (high, above) in pairwise(zip(_POWERS, distances, strict=True)):
        if below == 0.0:
            yield low
        elif below * above < 0:
            for _ in range(_HALVINGS):
                middle = math.sqrt(low * high)
                low, high = (middle, high) if apart(middle) * below > 0 else (low, middle)
            yield math.sqrt(low * high)


def _apart(search: FormulaSearch, faults: tuple[Fault, ...], observation: Evidence) -> float:
    """Prediction minus answer, over all numbers; NaN where they cannot be compared."""
    assert isinstance(observation.response, Returned)
    prediction, total = search.once(faults, observation), 0.0
    for name, value in (prediction or {}).items():
        output = observation.response.outputs.get(name)
        if not isinstance(output, Output) or np.shape(value) != output.array.shape:
            return math.nan
        with np.errstate(all="ignore"):
            total += float(np.sum(np.clip(np.asarray(value, np.float64) - output.array, -1e300, 1e300)))
    return total if prediction else math.nan
