"""A specification of a user's is tried on a few drawn cases before anything is judged by it: does it contradict itself?

Every problem is one sentence. It is looked for where it costs little; what it finds would otherwise come out as wrong verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from conformance.cases.case import PROFILES_COME_ROUND, Case, draw, known_cases, recipes
from conformance.errors import UnusableReference
from conformance.respondent.deadline import Late, deadline
from conformance.respondent.printable import message_of
from conformance.tolerance import DIFFERENCE_STEP, answer_is_known, slopes_agree
from reference.domains import Reals
from reference.specification import Array, Spec

# A formula answers within milliseconds; what takes longer makes everybody wait who judges by it.
SECONDS_A_CALL, _SECONDS_IN_ALL = 2.0, 60.0
_LONGEST = 100
# So many cases on which differences contradict a gradient are no accident of a step across a kink.
_FEWEST = 2


def problem_of_answers(spec: Spec) -> str | None:
    """What is wrong with how the function itself answers; None if nothing is."""
    for case in (*known_cases(spec, "float64"), *_drawn(spec), *_at_the_ends(spec)):
        inputs = _copied(case.inputs)
        try:
            with deadline(SECONDS_A_CALL), np.errstate(all="ignore"):
                answer, again = spec.evaluate(**inputs), spec.evaluate(**_copied(case.inputs))
        except Late:
            return f"expected an answer within {SECONDS_A_CALL:g} s, got none{_where(case)}"
        except UnusableReference as error:
            return f"{str(error).partition(f'{spec.name}: ')[2]}{_where(case)}"
        if (problem := _problem_of_value(answer, again, inputs, case)) is not None:
            return problem + _where(case)
    return None


def _problem_of_value(answer: Any, again: Any, inputs: Mapping[str, Any], case: Case) -> str | None:
    if not isinstance(answer, (np.ndarray, np.generic)):
        return f"expected a NumPy array or scalar, got {type(answer).__name__}"
    value = np.asarray(answer)
    if value.dtype.kind not in "fiu" or (value.dtype.kind == "f" and value.dtype != np.float64):
        return f"expected float64 or whole numbers, got {value.dtype}"
    if any(not np.array_equal(inputs[name], given) for name, given in case.inputs.items() if isinstance(given, np.ndarray)):
        return "expected its inputs unchanged, got others written into them"
    if np.isnan(value).any():
        return "expected numbers inside its domains, got NaN"
    if not np.array_equal(value, np.asarray(again)):
        return "expected the same answer to the same inputs, got another one"
    return None


def problem_of_derived(spec: Spec) -> str | None:
    """What is wrong with what is derived of the function, or with what is known of it; None if nothing is."""
    try:
        with deadline(_SECONDS_IN_ALL), np.errstate(all="ignore"):
            return _problem_of_known_answers(spec) or (_problem_of_gradient(spec) if spec.vjp is not None else None)
    except Late:
        return f"expected its gradient and error scales within {_SECONDS_IN_ALL:g} s, got none"


def _problem_of_known_answers(spec: Spec) -> str | None:
    if spec.error_scale is None:
        return None
    for answer in spec.known_answers:
        value, expected = spec.evaluate(**answer.inputs), np.asarray(answer.value, dtype=np.float64)
        length = max(np.size(x) for x in answer.inputs.values())
        if not answer_is_known(value, expected, spec.error_scale(**answer.inputs), spec.roundings, length):
            return f"expected the known answer {answer.value!r} ({answer.source}), got {value!r}"
    return None


def _problem_of_gradient(spec: Spec) -> str | None:
    assert spec.vjp is not None
    apart = list[Case]()
    for case in _drawn(spec, with_gradient=True):
        try:
            by_input = spec.vjp(case.cotangent, **case.inputs)
        except Exception as error:
            return (
                f"expected a function that can be differentiated, got {type(error).__name__}: {message_of(error)};"
                " it must not write into arrays or make Python numbers of them, or says gradient=False"
            )
        if not case.delicate and not _is_slope(spec, case, by_input):
            apart.append(case)
    if len(apart) < _FEWEST:
        return None
    return "expected a gradient, got a derived one that is not the slope: something on the way is no longer recorded" + _where(
        apart[0]
    )


def _is_slope(spec: Spec, case: Case, by_input: Mapping[str, Array]) -> bool:
    """Whether differences of values say the same of one random direction; also where nothing can be said."""
    rng = np.random.default_rng(0)
    direction = {name: _direction(spec.inputs[name], case.inputs[name], rng) for name in by_input}
    comparable = {} if spec.comparable is None else spec.comparable(**case.inputs)

    def weighed(step: float) -> float:
        moved = {name: case.inputs[name] + step * v for name, v in direction.items()}
        return float(np.sum(np.asarray(case.cotangent) * spec.evaluate(**{**case.inputs, **moved})))

    terms = np.concatenate([np.ravel(by_input[name] * v) for name, v in direction.items()])
    if not np.isfinite(terms).all() or not all(mask.all() for mask in comparable.values()):
        return True
    assert spec.error_scale is not None
    noise = float(np.sum(np.abs(np.asarray(case.cotangent)) * spec.error_scale(**case.inputs)))
    try:
        difference = (weighed(DIFFERENCE_STEP) - weighed(-DIFFERENCE_STEP)) / (2 * DIFFERENCE_STEP)
    except Exception:  # a step may leave what the function accepts, though not its domain: rows that sum to 1
        return True
    return slopes_agree(difference, terms, noise)


def _direction(domain: Any, array: Array, rng: np.random.Generator) -> Array:
    """Along which no element leaves its domain within a step."""
    assert isinstance(domain, Reals)
    v = rng.uniform(-1.0, 1.0, size=array.shape) * (np.abs(array) + domain.typical[1] - domain.typical[0])
    off = DIFFERENCE_STEP * np.abs(v)
    return np.where((array - off >= domain.low) & (array + off <= domain.high), v, 0.0)


def _drawn(spec: Spec, with_gradient: bool = False) -> Iterator[Case]:
    for recipe in recipes(0, PROFILES_COME_ROUND):
        case = draw(spec, "float64", recipe)
        if not with_gradient or case.cotangent is not None:
            yield case


def _at_the_ends(spec: Spec) -> Iterator[Case]:
    """Every real array at the low end of its domain, and at the high one."""
    case = draw(spec, "float64", next(recipes(0, 1)))
    for end in ("low", "high"):
        ends = {name: getattr(domain, end) for name, domain in spec.inputs.items() if isinstance(domain, Reals)}
        if all(np.isfinite(x) for x in ends.values()):
            yield replace(case, inputs={n: np.full_like(x, ends[n]) if n in ends else x for n, x in case.inputs.items()})


def _copied(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in inputs.items()}


def _where(case: Case) -> str:
    """For which inputs: in full where they are few."""
    with np.printoptions(precision=6, threshold=12, linewidth=10_000):
        words = ", ".join(f"{name} = {' '.join(str(value).split())}" for name, value in case.inputs.items())
    shapes = ", ".join(f"{name} of shape {np.shape(x)}" for name, x in case.inputs.items() if isinstance(x, np.ndarray))
    said = words if len(words) <= _LONGEST else shapes
    return f", for {said}" if said else ""
