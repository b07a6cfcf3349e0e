"""What the default cases must reach, whatever mistakes anybody thinks of: computed from the domains of a specification.

A goal is a sentence and a predicate over one case. It is reached if a default case of some dtype satisfies it. Nothing here knows a
mistake: a blind spot is a goal that no case reaches, and a kind of blind spot is one more rule here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from conformance.cases.case import Case, cases
from conformance.cases.drawing import defaults_of
from conformance.cases.kinds import kind_of
from conformance.cases.kinds.configurations import accepted_pairs, levels
from conformance.cases.kinds.model_drawing import LEARNING_RATES
from conformance.targets.subject import question_of
from conformance.tolerance import round_into
from reference.domains import Bits, Choice, Domain, Ids, Number, Reals, Sequences, Whole
from reference.specification import Array, Spec

DTYPES = ("float64", "float32")
# Code may work through blocks of 8, 16 or 32, or look at the first 100; a sequence is walked step by step, so that 100 would cost too much.
_EXTENTS, _STEPS = (8, 32, 100), (8, 32)
# Past the usual clamps of a log-variance, and where float32 rounds a probability to 1.
_SATURATED = {"logits": 16.0, "log_var": 10.0}
# What every model is asked, whatever its own methods are.
_ASKED_OF_ALL = {
    *("activations", "batch_domains", "export_weights", "gradients", "import_weights", "inference", "load_weights"),
    *("loss_terms", "method_domains", "pretrain", "save_weights", "training_steps"),
}


@dataclass(frozen=True)
class Goal:
    """Something that a default case has to show."""

    sentence: str
    shown_by: Callable[[Situation], bool]


@dataclass(frozen=True)
class Situation:
    """A case, with what a model computes of it."""

    spec: Spec
    case: Case
    options: Mapping[str, Any]
    arrays: Mapping[str, Array]
    activations: Mapping[str, Array]
    gradients: Mapping[str, Array]
    untracked: bool


@dataclass(frozen=True)
class Adequacy:
    """Of one specification: how many goals there are, and the sentences of those that no default case reaches."""

    spec: str
    goals: int
    missing: tuple[str, ...]


def adequacy(spec: Spec, seed: int, examples: int) -> Adequacy:
    """What the default cases of a specification reach."""
    drawn = (case for dtype in DTYPES for case in cases(spec, dtype, seed, kind_of(spec).examples(examples)))
    situations = [_situation(spec, case) for case in drawn]
    goals = [*_goals_of_options(spec), *_goals_of_arrays(spec, situations), *_goals_of_calls(spec, situations)]
    if kind_of(spec).trained:
        goals += _goals_of_models(spec, situations)
    missing = tuple(goal.sentence for goal in goals if not any(goal.shown_by(situation) for situation in situations))
    return Adequacy(spec.name, len(goals), missing)


def _situation(spec: Spec, case: Case) -> Situation:
    untracked = question_of(spec, case).untracked
    if not case.holds_model:
        arrays = {name: value for name, value in case.inputs.items() if isinstance(value, np.ndarray)}
        return Situation(spec, case, case.inputs, arrays, {}, {}, untracked)
    inputs = case.model
    model = spec.evaluate(**inputs.configuration)
    model.import_weights(inputs.weights)
    with np.errstate(all="ignore"):
        activations, gradients = model.activations(**inputs.batch), model.gradients(**inputs.batch)
    return Situation(spec, case, inputs.configuration, inputs.batch, activations, gradients, untracked)


def _value(situation: Situation, name: str) -> Any:
    """What an option is in a case: what is given, or the default."""
    value = situation.options.get(name, defaults_of(situation.spec).get(name))
    return len(value) if isinstance(value, tuple) and name in levels(situation.spec) else value


def _goals_of_options(spec: Spec) -> Iterator[Goal]:
    """Every value, every pair of values, every argument left out and off its default, every edge."""
    defaults = defaults_of(spec)
    for name, domain in spec.inputs.items():
        if isinstance(domain, Choice):
            for option in dict.fromkeys(domain.options):
                yield Goal(f"{name} = {option!r}", lambda s, n=name, o=option: _value(s, n) == o)
                yield Goal(f"{name} = {option!r} with a batch of one", lambda s, n=name, o=option: _value(s, n) == o and _of_one(s))
        if isinstance(domain, (Number, Whole)):
            for edge in domain.edges:
                yield Goal(f"{name} = {edge!r}", lambda s, n=name, e=edge: _value(s, n) == e)
        if name in defaults:
            yield Goal(f"{name} left out", lambda s, n=name: n not in s.options)
            yield Goal(
                f"{name} off its default", lambda s, n=name: n in s.options and bool(np.any(s.options[n] != defaults_of(s.spec)[n]))
            )
    for pair in sorted(_option_pairs(spec), key=repr):
        sentence = " with ".join(f"{name} = {value!r}" for name, value in sorted(pair, key=repr))
        yield Goal(sentence, lambda s, p=pair: all(_value(s, name) == value for name, value in p))


def _option_pairs(spec: Spec) -> frozenset[frozenset[tuple[str, Any]]]:
    if kind_of(spec).trained:
        return frozenset(pair for pair in accepted_pairs(spec) if len(pair) == 2)
    values = [[(name, option) for option in domain.options] for name, domain in spec.inputs.items() if isinstance(domain, Choice)]
    return frozenset(frozenset((one, other)) for left, right in combinations(values, 2) for one in left for other in right)


def _of_one(situation: Situation) -> bool:
    if situation.arrays:
        return any(len(array) == 1 for array in situation.arrays.values())
    return any(isinstance(value, list) and len(value) == 1 for value in situation.case.inputs.values())


def _domains(spec: Spec, situations: Sequence[Situation]) -> Mapping[str, Domain]:
    if not kind_of(spec).trained:
        return spec.inputs
    return spec.evaluate(**situations[0].options).batch_domains()


def _goals_of_arrays(spec: Spec, situations: Sequence[Situation]) -> Iterator[Goal]:
    """Every pair of axes distinct and equal, every axis 1 and long; every edge; the ends of the domain; exact and near hits."""
    for name, domain in _domains(spec, situations).items():
        if isinstance(domain, (Reals, Ids, Bits)):
            named = [place for place, axis in enumerate(domain.axes) if isinstance(axis, str)]
            for one, other in combinations(named, 2):
                label = f"axes {domain.axes[one]} and {domain.axes[other]} of {name}"
                yield Goal(f"{label} equal", lambda s, n=name, a=one, b=other: s.arrays[n].shape[a] == s.arrays[n].shape[b] > 1)
                yield Goal(
                    f"{label} distinct", lambda s, n=name, a=one, b=other: 1 < s.arrays[n].shape[a] != s.arrays[n].shape[b] > 1
                )
            for place in named:
                yield Goal(f"axis {domain.axes[place]} of {name} of length 1", lambda s, n=name, a=place: s.arrays[n].shape[a] == 1)
                for least in _STEPS if isinstance(domain, Ids) and place else _EXTENTS:
                    yield Goal(
                        f"axis {domain.axes[place]} of {name} past {least}",
                        lambda s, n=name, a=place, e=least: s.arrays[n].shape[a] > e,
                    )
        if isinstance(domain, Reals):
            yield from _goals_of_numbers(name, domain)
        if isinstance(domain, Sequences):
            yield Goal(f"nothing in any of {name}", lambda s, n=name: not any(s.case.inputs[n]))
            yield Goal(f"a single one of {name}", lambda s, n=name: len(s.case.inputs[n]) == 1)
            for end in (domain.low, domain.high):
                yield Goal(f"{end} in {name}", lambda s, n=name, e=end: any(e in row for row in s.case.inputs[n]))
            for least in _STEPS:
                yield Goal(f"one of {name} past {least}", lambda s, n=name, e=least: any(len(row) > e for row in s.case.inputs[n]))


def _goals_of_numbers(name: str, domain: Reals) -> Iterator[Goal]:
    for edge in domain.edges:
        if not isinstance(edge, str):
            yield Goal(f"{name} at {edge:g}", lambda s, n=name, e=edge: _at(s, n, e, domain))
    if max(abs(domain.low), abs(domain.high)) > 10:
        for end in (domain.low, domain.high):
            yield Goal(f"{name} towards {end:g}", lambda s, n=name, e=end: e == 0 or bool((s.arrays[n] / e > 0.5).any()))
    if domain.near is not None:
        yield Goal(f"{name} equal to {domain.near}", lambda s, n=name, o=domain.near: bool((s.arrays[n] == s.arrays[o]).any()))
        yield Goal(f"{name} beside {domain.near}", lambda s, n=name, o=domain.near: _beside(s.arrays[n], s.arrays[o]))


def _at(situation: Situation, name: str, edge: float, domain: Reals) -> bool:
    stored = round_into(np.asarray(edge), domain.low, domain.high, situation.case.dtype)
    return bool((situation.arrays[name] == stored).any())


def _beside(array: Array, other: Array) -> bool:
    distance = np.abs(array - other)
    return bool(((distance > 0) & (distance < 1e-5 * np.abs(other))).any())


def _goals_of_calls(spec: Spec, situations: Sequence[Situation]) -> Iterator[Goal]:
    if kind_of(spec).trained or spec.vjp is not None:
        yield Goal("asked where gradients are recorded", lambda s: not s.untracked)
        yield Goal("asked where none are", lambda s: s.untracked)
    if kind_of(spec).trained:
        public = {name for name in dir(spec.evaluate) if not name.startswith("_") and callable(getattr(spec.evaluate, name))}
        for name in sorted(public - _ASKED_OF_ALL):
            yield Goal(f"{name} is asked", lambda s, n=name: n in s.case.model.calls)


def _goals_of_models(spec: Spec, situations: Sequence[Situation]) -> Iterator[Goal]:
    """Every matrix square and not, every width equal to the batch, long ones; live gradients; saturation on both sides; optimisers."""
    weights = {name: value.ndim for situation in situations for name, value in situation.case.model.weights.items()}
    for name, rank in weights.items():
        if rank == 2 and name in _free_matrices(situations):
            yield Goal(f"{name} square", lambda s, n=name: _is(s, n, lambda w: w.shape[0] == w.shape[1] > 1))
            yield Goal(f"{name} not square", lambda s, n=name: _is(s, n, lambda w: w.shape[0] != w.shape[1]))
        if rank == 1 and _grows(situations, name):
            yield Goal(f"a batch as long as {name}", lambda s, n=name: _is(s, n, lambda w: w.shape[0] == _batch_of(s) > 1))
    for name in dict.fromkeys(name for situation in situations for name in situation.gradients):
        yield Goal(f"a gradient of {name}", lambda s, n=name: n in s.gradients and bool(np.any(s.gradients[n] != 0)))
    for name, beyond in _SATURATED.items():
        if name in situations[0].activations:
            yield Goal(f"{name} above {beyond:g}", lambda s, n=name, b=beyond: bool((s.activations[n] > b).any()))
            yield Goal(f"{name} below {-beyond:g}", lambda s, n=name, b=beyond: bool((s.activations[n] < -b).any()))
    for least in _STEPS:
        yield Goal(f"a width past {least}", lambda s, e=least: any(max(w.shape) > e for w in s.case.model.weights.values()))
    sequences = [n for n, each in _domains(spec, situations).items() if isinstance(each, Ids) and isinstance(each.axes[-1], str)]
    for name, domain in spec.inputs.items() if sequences else ():
        for option in dict.fromkeys(domain.options) if isinstance(domain, Choice) else ():
            sentence = f"{name} = {option!r} trained with a single step"
            yield Goal(sentence, lambda s, n=name, o=option: _value(s, n) == o and _of_one_step(s, sequences[0]))
    for optimizer in LEARNING_RATES:
        yield Goal(f"trained by {optimizer}", lambda s, o=optimizer: s.case.model.optimizer == o)


def _of_one_step(situation: Situation, name: str) -> bool:
    """Whether a batch has sequences of length 1, and another longer ones."""
    lengths = [batch[name].shape[1] for batch in situation.case.model.batches]
    return 1 in lengths and max(lengths) > 1


def _is(situation: Situation, name: str, holds: Callable[[Array], bool]) -> bool:
    weight = situation.case.model.weights.get(name)
    return weight is not None and holds(weight)


def _batch_of(situation: Situation) -> int:
    return len(next(iter(situation.arrays.values())))


def _grows(situations: Sequence[Situation], name: str) -> bool:
    """Whether the parameter has different lengths in different cases, and no common divisor: four gates are never as wide as a batch."""
    lengths = {s.case.model.weights[name].shape[0] for s in situations if name in s.case.model.weights}
    return len(lengths) > 1 and math.gcd(*lengths) == 1


def _free_matrices(situations: Sequence[Situation]) -> frozenset[str]:
    """Matrices of which both lengths can be anything: neither is always the same, nor always a multiple of something."""
    shapes: dict[str, set[tuple[int, ...]]] = {}
    for situation in situations:
        for name, weight in situation.case.model.weights.items():
            shapes.setdefault(name, set()).add(weight.shape)
    return frozenset(
        name
        for name, several in shapes.items()
        if all(len(shape) == 2 for shape in several)
        and any(shape[0] != shape[1] for shape in several)
        and all(len(lengths := {shape[place] for shape in several}) > 1 and math.gcd(*lengths) == 1 for place in (0, 1))
    )
