"""When no known mistake explains the answers: what the failures have in common.

The ratio of actual to expected says much. Constant: a weight, a logarithm's base, a factor forgotten. Proportional to 1/D or 1/B: an
average where a sum belongs. No constant at all: the formula itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np

from conformance.cases.kinds import kind_of
from conformance.judging.compare import compare
from conformance.judging.expectation import Expected
from conformance.judging.verdicts import Diagnosis, Evidence
from conformance.respondent.responses import Output, Returned
from conformance.tolerance import RATIO_SPREAD, is_lost_digits
from reference.domains import Number, Reals
from reference.specification import Array, Quantity, Spec

_FEWEST = 3  # ratios that agree by chance are likelier among fewer
# A pattern is said where chance gives it once in so many files.
_COINCIDENCE = 1e-3
# Of errors that are chance, so many lie on either side.
_SHARE_OF_A_SIDE = 0.2
_KNOWN_FACTORS = {
    math.log(2): "ln 2",
    1 / math.log(2): "1/ln 2 (logarithm to base 2)",
    math.sqrt(2): "√2",
    1 / math.sqrt(2): "1/√2",
}


def describe(spec: Spec, quantity: Quantity, evidence: Sequence[Evidence]) -> Diagnosis:
    """A sentence on the failures, and an honest "unexplained" where nothing more can be said."""
    failed = [observation for observation in evidence if not observation.agrees]
    silent = [observation for observation in failed if not isinstance(observation.response, Returned)]
    parts = [*_silences(silent), *factor(spec, failed), *_places(spec, quantity, evidence, failed)]
    count = f"{len(failed)} of {len(evidence)} answers are wrong"
    if not parts:
        return Diagnosis(f"unexplained: no known mistake gives these numbers; {count}", (), 0, len(evidence))
    return Diagnosis(f"matches no known mistake; {'; '.join(parts)} ({count})", (), 0, len(evidence))


def _silences(silent: Sequence[Evidence]) -> Iterator[str]:
    if silent:
        sentences = {getattr(observation.response, "sentence", "") for observation in silent}
        yield f"{len(silent)} gave no answer: {sorted(sentences)[0]}" + (
            f", and {len(sentences) - 1} other reasons" if len(sentences) > 1 else ""
        )


def factor(spec: Spec, failed: Sequence[Evidence]) -> Iterator[str]:
    """actual / expected, alone or times an extent or a scalar input."""
    ratios = [(observation, _ratios(observation)) for observation in failed]
    if sum(len(scaled_ratios) for _, scaled_ratios in ratios) < _FEWEST:
        return
    for (sign, noun), factor in ((("", ""), lambda observation: 1.0), *_factors(spec)):
        with np.errstate(all="ignore"):  # a scalar input may be 0
            scaled = np.concatenate([scaled_ratios / factor(observation) for observation, scaled_ratios in ratios])
        if np.isfinite(scaled).all() and np.ptp(scaled) <= RATIO_SPREAD * abs(scaled.mean()):
            ratio = _written(float(np.median(scaled)))
            if noun or ratio != "1":  # so near to what is right that the ratio says nothing
                product = noun if (sign, ratio) == ("×", "1") else " ".join(filter(None, (ratio, sign, noun)))
                yield f"every wrong result is {product} times what is expected"
            return


@np.errstate(all="ignore")
def _ratios(observation: Evidence) -> Array:
    ratios = [np.zeros(0)]
    for name, right in observation.expected.items():
        output = observation.response.outputs.get(name) if isinstance(observation.response, Returned) else None
        if isinstance(right, Expected) and isinstance(output, Output) and output.array.shape == right.value.shape:
            clear = np.abs(right.value) * RATIO_SPREAD > right.allowed
            ratios.append((output.array.astype(np.float64)[clear] / right.value[clear]).ravel())
    return np.concatenate(ratios)


def _factors(spec: Spec) -> Iterator[tuple[tuple[str, str], Any]]:
    """Extents and scalars that a result could be multiplied or divided by, each with its sign."""
    axes = dict.fromkeys(a for d in spec.inputs.values() if isinstance(d, Reals) for a in d.axes if isinstance(a, str))
    for axis in axes:
        yield ("×", f"the number of {axis}"), lambda observation, axis=axis: _extent(spec, observation, axis)
        yield ("/", f"the number of {axis}"), lambda observation, axis=axis: 1.0 / _extent(spec, observation, axis)
    for axis, other in permutations(axes, 2):
        noun = f"the number of {axis} / the number of {other}"
        yield ("×", noun), partial(_of_extents, spec=spec, axis=axis, other=other)
    for name, domain in spec.inputs.items():
        if isinstance(domain, Number) and kind_of(spec).called:
            given = partial(_given, name=name, default=domain.default)
            yield ("×", name), given
            yield ("/", name), lambda observation, given=given: 1.0 / (given(observation) or math.nan)


def _given(observation: Evidence, name: str, default: float) -> float:
    return observation.case.inputs.get(name, default)


def _of_extents(observation: Evidence, spec: Spec, axis: str, other: str) -> float:
    return _extent(spec, observation, axis) / _extent(spec, observation, other)


def _extent(spec: Spec, observation: Evidence, axis: str) -> float:
    for name, domain in spec.inputs.items():
        if isinstance(domain, Reals) and axis in domain.axes:
            return float(observation.case.inputs[name].shape[domain.axes.index(axis)])
    return math.nan


def _written(value: float) -> str:
    """A small fraction or a known constant if it is one."""
    for known, words in _KNOWN_FACTORS.items():
        if abs(value - known) <= RATIO_SPREAD * known:
            return words
    near = Fraction(value).limit_denominator(12)
    return str(near) if abs(float(near) - value) <= RATIO_SPREAD * abs(value) else f"{value:.4g}"


def _places(spec: Spec, quantity: Quantity, evidence: Sequence[Evidence], failed: Sequence[Evidence]) -> Iterator[str]:
    """Which cases fail, if they are of one kind, and what differs first."""
    yield from _pattern(evidence)
    if quantity == "gradient" and kind_of(spec).called:
        yield "the value is right and only the gradient is wrong"
    if kind_of(spec).trained:
        names = [name for observation in failed if (name := first_deviating(observation))]
        if names:
            order = list(failed[0].expected)
            yield f"the first result that differs is {min(names, key=lambda n: order.index(n) if n in order else len(order))}"
    yield from _digits(failed)


def _pattern(evidence: Sequence[Evidence]) -> Iterator[str]:
    """Cases of one kind, if only they fail and chance would hardly choose them; a case that is asked twice counts once."""
    outcomes: dict[str, tuple[Evidence, bool]] = {}
    for observation in evidence:
        _, agreed = outcomes.get(observation.case.id, (observation, True))
        outcomes[observation.case.id] = observation, agreed and observation.agrees
    wrong = [observation for observation, agreed in outcomes.values() if not agreed]
    for words, belongs in _KINDS.items():
        count = sum(belongs(observation) for observation, _ in outcomes.values())
        others = len(outcomes) - count
        if not wrong or not others or not all(belongs(observation) for observation in wrong):
            continue
        # As many cases drawn from all: how likely is it that all of them are of the kind?
        if math.comb(count, len(wrong)) <= _COINCIDENCE * math.comb(len(outcomes), len(wrong)):
            yield f"only {words} fail: {len(wrong)} of {count}, and none of the {others} others"
            return


def _digits(failed: Sequence[Evidence]) -> Iterator[str]:
    """Lost digits: all numbers nearly right, and some too large, others too small, as chance has it; a mistake errs to one side."""
    if not failed or not all(_lost_digits(observation) for observation in failed):
        return
    errors = np.concatenate([_errors(observation) for observation in failed])
    above, below = int((errors > 0).sum()), int((errors < 0).sum())
    if min(above, below) >= max(_FEWEST, _SHARE_OF_A_SIDE * (above + below)):
        yield (
            f"the numbers are nearly right, {above} a little too large and {below} too small:"
            " digits are lost, as by cancellation or in a lower precision"
        )


def _errors(observation: Evidence) -> Array:
    """By how much the numbers that leave their budget are too large in magnitude."""
    parts = [np.zeros(0)]
    for name, right in observation.expected.items():
        output = observation.response.outputs.get(name) if isinstance(observation.response, Returned) else None
        if isinstance(right, Expected) and isinstance(output, Output):
            difference = np.abs(output.array.astype(np.float64)) - np.abs(right.value)
            parts.append(np.where(np.abs(difference) > right.allowed, difference, 0.0).ravel())
    return np.concatenate(parts)


def _least_extent(observation: Evidence, position: int) -> int:
    arrays: Mapping[str, Any] = observation.case.model.batch if observation.case.holds_model else observation.case.inputs
    return min((a.shape[position] for a in arrays.values() if isinstance(a, np.ndarray) and a.ndim > position), default=0)


_KINDS = {
    "cases with one sample": lambda observation: _least_extent(observation, 0) == 1,
    "cases with one unit": lambda observation: _least_extent(observation, 1) == 1,
    "cases with as many samples as units": lambda observation: (
        observation.case.profile is not None and observation.case.profile.lengths == "equal"
    ),
    "cases at the edges of the domain": lambda observation: (
        observation.case.profile is not None and observation.case.profile.extreme
    ),
}


def first_deviating(observation: Evidence) -> str | None:
    """The first named result of a case that leaves its budget."""
    if not isinstance(observation.response, Returned):
        return None
    for name, right in observation.expected.items():
        output = observation.response.outputs.get(name)
        device = output.device if isinstance(output, Output) else "cpu"
        if output is None or not compare({name: right}, {name: output}, device).agrees:
            return name
    return None


def _lost_digits(observation: Evidence) -> bool:
    if not isinstance(observation.response, Returned):
        return False
    for name, right in observation.expected.items():
        output = observation.response.outputs.get(name)
        if not (isinstance(right, Expected) and isinstance(output, Output) and output.array.shape == right.value.shape):
            return False
        if output.dtype != right.dtype:
            return False
        if not is_lost_digits(output.array.astype(np.float64), right.value):
            return False
    return True
